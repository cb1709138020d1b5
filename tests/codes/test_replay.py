"""``aisle replay codes``."""

import json
from pathlib import Path

import numpy as np
import typer
import zxingcpp
from typer.testing import CliRunner

from edge.replay.codes import mount_codes


def test_each_file_gets_a_line_and_an_unreadable_one_its_error(tmp_path: Path) -> None:
    import cv2

    code = zxingcpp.create_barcode("https://id.gs1.org/01/09521234543213/21/7", zxingcpp.BarcodeFormat.QRCode)
    image = np.array(zxingcpp.write_barcode_to_image(code, scale=5, add_quiet_zones=True))
    good, empty, bad = tmp_path / "good.png", tmp_path / "empty.jpg", tmp_path / "bad.jpg"
    cv2.imwrite(str(good), image)
    cv2.imwrite(str(empty), np.full((100, 100), 200, dtype=np.uint8))
    bad.write_bytes(b"no picture")

    app = typer.Typer()
    mount_codes(app)
    result = CliRunner().invoke(app, [str(good), str(empty), str(bad), str(tmp_path / "none.png")])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert lines[0]["file"] == str(good)
    assert [(c["format"], c["gtin"], c["serial"]) for c in lines[0]["codes"]] == [("QRCode", "09521234543213", "7")]
    assert lines[1] == {"file": str(empty), "codes": []}
    assert [bool(line.get("error")) for line in lines] == [False, False, True, True]
