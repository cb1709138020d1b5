"""Who may call what, and who is let in."""

from pathlib import Path

import httpx

from gateway.api.document import access_page
from gateway.app import create_gateway
from models.process.web import access_table
from tests.gateway.conftest import EPC, MILK, Store, store_settings

ROOT = Path(__file__).resolve().parent.parent.parent
VALUES = {
    "gtin": MILK, "epc": EPC, "count": "x", "n": "1", "device": "d-1", "clerk": "c-1", "member": "ABCDEFGH",
    "shelf": "A1", "change": "plan-1", "task": "t-1", "place": "A1", "delivery": "asn-1",
    "alarm": "a-1", "camera": "front", "node": "cam-1", "lane": "3",
}  # fmt: skip


def test_the_documented_table_says_who_may_call_what(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert page == access_page(create_gateway(store_settings(tmp_path))), (
        "docs/access.md is old: run `.venv/bin/python -m gateway.api.document > docs/access.md`"
    )


def test_every_route_that_is_not_public_refuses_a_stranger(store: Store) -> None:
    stranger = store.client()
    guarded = {route: who for route, who in access_table(store.app).items() if who != "public"}
    assert len(guarded) > 20
    for route, who in guarded.items():
        method, path = route.split(" ")
        answer = stranger.request(method, path.format(**VALUES), json={} if method == "POST" else None)
        assert answer.status_code in {401, 403}, f"{route} ({who}) answered {answer.status_code}"
        assert answer.json()["error"]["hint"], route


def test_a_clerk_cannot_do_what_only_a_manager_may(store: Store) -> None:
    manager = store.manager()
    manager.post("/api/manager/clerks", json={"name": "Clerk B", "pin": "482913"}).raise_for_status()
    clerks = {one["name"]: one["id"] for one in manager.get("/api/session").json()["clerks"]}
    manager.post("/api/session", json={"clerk": clerks["Clerk B"], "pin": "482913"}).raise_for_status()
    assert manager.get("/api/session").json()["clerk"]["role"] == "clerk"
    for route, who in access_table(store.app).items():
        method, path = route.split(" ")
        if who == "manager":
            answer = manager.request(method, path.format(**VALUES), json={} if method == "POST" else None)
            assert answer.status_code == 403, route


def test_a_link_enrols_one_device_once_and_a_pin_signs_in(store: Store) -> None:
    client, who, pin = store.handheld()
    session = client.get("/api/session").json()
    assert session["device"]["name"] == "Handheld 1"
    assert session["clerk"] is None
    signed_in = client.post("/api/session", json={"clerk": who, "pin": pin}).raise_for_status()
    assert signed_in.json()["clerk"] == {"id": who, "name": "Clerk A", "role": "manager"}
    cookies = signed_in.headers.get_list("set-cookie")
    assert all("HttpOnly" in cookie and "SameSite=strict" in cookie for cookie in cookies)
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").json()["clerk"] is None


def test_a_code_that_was_used_or_is_too_old_enrols_nobody(store: Store) -> None:
    manager = store.manager()
    made = manager.post("/api/manager/enrolments", json={"name": "Till 2"}).raise_for_status().json()
    assert made["url"].endswith(f"/handheld#enrol={made['code']}")
    spaced = f" {made['code'][:4].lower()}-{made['code'][4:]} "
    assert store.client().post("/api/devices/enrol", json={"code": spaced}).status_code == 200
    assert store.client().post("/api/devices/enrol", json={"code": made["code"]}).status_code == 403
    late = manager.post("/api/manager/enrolments", json={"name": "Till 3"}).json()
    store.clock.advance(16 * 60)
    assert store.client().post("/api/devices/enrol", json={"code": late["code"]}).status_code == 403


def test_guessing_codes_is_slowed_down(store: Store) -> None:
    stranger = store.client()
    answers = [stranger.post("/api/devices/enrol", json={"code": f"GUESS{n}"}).status_code for n in range(25)]
    assert answers[:20] == [403] * 20
    assert set(answers[20:]) == {429}


def test_five_wrong_pins_pause_the_clerk_for_a_minute_even_for_the_right_one(store: Store) -> None:
    client, who, pin = store.handheld()
    wrong = {"clerk": who, "pin": "000000"}
    assert [client.post("/api/session", json=wrong).status_code for _ in range(5)] == [403] * 5
    paused = client.post("/api/session", json={"clerk": who, "pin": pin})
    assert paused.status_code == 429
    assert "60 seconds" in paused.json()["error"]["message"]
    store.clock.advance(61)
    assert client.post("/api/session", json={"clerk": who, "pin": pin}).status_code == 200


def test_a_pin_needs_an_enrolled_device(store: Store) -> None:
    _client, who, pin = store.handheld()
    assert store.client().post("/api/session", json={"clerk": who, "pin": pin}).status_code == 401


def test_a_session_ends_after_a_shift_and_is_of_no_use_on_another_device(store: Store) -> None:
    client = store.manager()
    other, _who, _pin = store.handheld("Clerk B")
    other.cookies.set("aisle_session", client.cookies["aisle_session"])
    assert other.get("/api/stock").status_code == 401
    store.clock.advance(13 * 3600)
    assert client.get("/api/stock").status_code == 401


def test_a_lost_device_is_out_at_once(store: Store) -> None:
    manager = store.manager()
    lost, who, pin = store.handheld("Clerk B")
    lost.post("/api/session", json={"clerk": who, "pin": pin}).raise_for_status()
    device = lost.get("/api/session").json()["device"]["id"]
    assert manager.delete(f"/api/manager/devices/{device}").status_code == 204
    assert lost.get("/api/stock").status_code == 401
    assert lost.get("/api/session").json()["device"] is None
    assert device not in {one["id"] for one in manager.get("/api/manager/devices").json()}


def test_the_last_manager_stays(store: Store) -> None:
    manager = store.manager()
    me = manager.get("/api/session").json()["clerk"]["id"]
    refused = manager.delete(f"/api/manager/clerks/{me}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "last_manager")
    assert manager.get("/api/session").json()["clerk"]["id"] == me


def test_a_pin_that_is_guessed_first_is_refused(store: Store) -> None:
    manager = store.manager()
    for pin in ("1111", "1234", "9876", "12a4", "123", "1" * 13):
        assert manager.post("/api/manager/clerks", json={"name": "Clerk B", "pin": pin}).status_code == 422, pin


def test_another_sites_page_can_change_nothing(store: Store) -> None:
    manager = store.manager()
    foreign: list[dict[str, str]] = [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ]
    for headers in foreign:
        answer = manager.post("/api/manager/enrolments", json={"name": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_site")
    own = {"origin": store.url, "sec-fetch-site": "same-origin"}
    assert manager.post("/api/manager/enrolments", json={"name": "x"}, headers=own).status_code == 201


def test_a_form_of_another_type_than_json_is_refused(store: Store) -> None:
    body = b'{"name": "x"}'
    answer = store.manager().post("/api/manager/enrolments", content=body, headers={"content-type": "text/plain"})
    assert answer.status_code == 422


def test_nothing_that_is_secret_lies_in_the_database_in_the_clear(store: Store) -> None:
    client, who, pin = store.handheld()
    client.post("/api/session", json={"clerk": who, "pin": pin}).raise_for_status()
    secrets = [client.cookies["aisle_device"], client.cookies["aisle_session"]]
    wal = store.settings.database.with_name("gateway.db-wal")
    kept = store.settings.database.read_bytes() + wal.read_bytes()
    assert who.encode() in kept
    assert not [secret for secret in secrets if secret.encode() in kept]


def test_tls_makes_the_cookies_secure(tmp_path: Path, store: Store) -> None:
    from fastapi import Response

    from gateway.api.access import set_cookie
    from gateway.settings import ListenSettings

    listen = ListenSettings(certificate_file=tmp_path / "a", key_file=tmp_path / "b")
    desk = store.desk.__class__(**{**store.desk.__dict__, "settings": store_settings(tmp_path, listen=listen)})
    response = Response()
    set_cookie(desk, response, "aisle_device", "token")
    assert "Secure" in response.headers["set-cookie"]


def test_no_browser_keeps_what_the_api_said(store: Store) -> None:
    client = store.manager()
    assert client.get("/api/stock", params={"q": "milk"}).headers["cache-control"] == "no-store"
    assert client.get("/api/stock/snapshot").headers["cache-control"] == "private, no-cache"
    assert client.get("/handheld").headers["cache-control"] == "no-cache"


def test_a_stranger_learns_no_names(store: Store) -> None:
    store.handheld()
    session: dict[str, object] = httpx.get(f"{store.url}/api/session").json()
    assert session == {"device": None, "clerk": None, "store": {"id": "store-1", "name": "Main Street"}, "clerks": []}
