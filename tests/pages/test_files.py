"""What the pages are made of: plain files that keep to the content security policy."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "gateway/pages/static"
SHARED = ROOT / "models/process/static"
FOLDERS = (PAGES, SHARED, ROOT / "edge/screen/static", ROOT / "edge/tune/static")
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in {".html", ".js", ".css"})


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_page_needs_inline_code_or_another_site(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text
    assert not re.search(r"https?://", text), "everything comes from this store's own machine"
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|<style", text)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_page_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "words.js"], ids=named)
def test_every_text_is_there_in_both_languages(path: Path) -> None:
    texts = path.read_text(encoding="utf-8").split("});")[0]
    english, chinese = re.split(r"^  zh: \{", texts, flags=re.MULTILINE)
    pattern = re.compile(r'^ {4}"?([\w.-]+)"?:', flags=re.MULTILINE)
    keys = {key for key in pattern.findall(english) if not key.endswith(".one")}
    others = {key for key in pattern.findall(chinese) if not key.startswith("do.")}
    assert len(keys) > 10
    assert keys == others


SCREEN = ROOT / "edge/screen/static"


@pytest.mark.parametrize(
    ("folder", "name", "also"),
    [(PAGES, "handheld", {"/handheld", "/handheld.webmanifest"}), (SCREEN, "screen", {"/"})],
    ids=["handheld", "screen"],
)
def test_a_worker_keeps_every_file_that_its_page_loads(folder: Path, name: str, also: set[str]) -> None:
    listed = set(re.findall(r'"(/[\w./-]*)"', (folder / f"{name}-worker.js").read_text(encoding="utf-8")))
    html = (folder / f"{name}.html").read_text(encoding="utf-8")
    wanted = also | set(re.findall(r'(?:href|src)="(/(?:static|shared)/[^"]+)"', html))
    todo = [address for address in wanted if address.endswith(("/main.js", "/screen.js"))]
    wanted |= set(re.findall(r'@import url\("([^"]+)"\)', (SHARED / "aisle.css").read_text(encoding="utf-8")))
    while todo:
        address = todo.pop()
        wanted.add(address)
        _, top, rest = address.split("/", 2)
        text = ((SHARED if top == "shared" else folder) / rest).read_text(encoding="utf-8")
        todo += [found for found in re.findall(r'(?:from|import) "(/[^"]+)"', text) if found not in wanted]
    assert wanted == listed


def test_the_manifest_names_icons_that_exist() -> None:
    manifest = json.loads((PAGES / "handheld.webmanifest").read_text(encoding="utf-8"))
    for icon in manifest["icons"]:
        _, top, rest = icon["src"].split("/", 2)
        assert ((SHARED if top == "shared" else PAGES) / rest).is_file()


def test_every_refusal_of_the_gateway_has_a_chinese_text() -> None:
    known = set(re.findall(r"^  (\w+): ", (PAGES / "refusals.js").read_text(encoding="utf-8"), flags=re.MULTILINE))
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    source += (ROOT / "models/process/web.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:Refused|_problem)\(\s*\d{3},\s*"(\w+)"|code="(\w+)", message=', source))
    assert {one or other for one, other in codes} <= known
