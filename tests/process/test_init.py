"""``aisle init`` writes files that work, and that fit each other; ``docs/settings.md`` says what the classes say."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import aisle
from models.process.document import settings_page
from models.process.settings import load_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    answer = CliRunner().invoke(aisle.app, ["init", "--dir", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    return tmp_path


@pytest.mark.parametrize("name", aisle.PROCESSES)
def test_an_example_is_read_without_a_change(written: Path, name: str) -> None:
    load_settings(written / f"{name}.toml", aisle.settings_classes()[name])


@pytest.mark.parametrize("name", aisle.PROCESSES)
def test_an_example_says_what_each_table_is_for(written: Path, name: str) -> None:
    text = (written / f"{name}.toml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert f"aisle {name} --config" in text.splitlines()[0]


def test_the_files_of_one_store_fit_each_other(written: Path) -> None:
    classes = aisle.settings_classes()
    edge, gateway, hq, broker = (
        load_settings(written / f"{name}.toml", classes[name]) for name in ("edge", "gateway", "hq", "broker")
    )
    users = {user.name: user for user in broker.users}
    assert edge.store == gateway.store.id == broker.store == hq.stores[0].id
    assert users[edge.mqtt.username].password == edge.mqtt.password
    assert users[gateway.mqtt.username].password == gateway.mqtt.password
    assert gateway.hq.key == hq.stores[0].key
    assert edge.mqtt.hosts == gateway.mqtt.hosts == [broker.listen]
    assert gateway.hq.url == f"http://{hq.host}:{hq.port}"
    assert {lane.id for lane in edge.lane} <= set(users[edge.mqtt.username].lanes)


def test_secrets_are_drawn_anew_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    texts = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        assert CliRunner().invoke(aisle.app, ["init", "hq", "--dir", str(folder)]).exit_code == 0
        assert (folder / "hq.toml").stat().st_mode & 0o077 == 0
        texts.append((folder / "hq.toml").read_text(encoding="utf-8"))
    keys = [re.findall(r'^key = "(.+)"', text, re.MULTILINE)[0] for text in texts]
    assert keys[0] != keys[1]
    assert "change-me" not in texts[0]


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hq.toml").write_text("mine", encoding="utf-8")
    answer = CliRunner().invoke(aisle.app, ["init", "hq", "--dir", str(tmp_path)])
    assert "left as it is" in answer.output
    assert (tmp_path / "hq.toml").read_text(encoding="utf-8") == "mine"


def test_an_unknown_process_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(aisle.app, ["init", "kitchen", "--dir", str(tmp_path)])
    assert answer.exit_code == 2
    assert "kitchen" in answer.output


def test_the_page_of_settings_is_what_the_classes_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(aisle.settings_classes()), "run `aisle docs`"


def test_every_setting_is_on_the_page() -> None:
    page = settings_page(aisle.settings_classes())
    for kind in aisle.settings_classes().values():
        for name in kind.model_fields:
            assert f"| `{name}` |" in page
