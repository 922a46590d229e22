"""Who may ask and who may act: near and far, with and without the token, from other sites."""

import socket
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from kpi_pipeline.dashboard.access import COOKIE, Access
from kpi_pipeline.dashboard.problems import Refused
from kpi_pipeline_tests.dashboard.running import BEARER, FAR, NEAR, TOKEN, Running

NAMED = Access(token=TOKEN, hosts=frozenset({"kpi.example.com"}))
MUTE = {"rule": "aov_low", "minutes": 5}
WRONG = {"Authorization": "Bearer nonsense"}
LOGGED_IN = {"Cookie": f"{COOKIE}={NEAR.session}"}
ELSEWHERE = {"Origin": "https://evil.example.com"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/v1/snapshot", {}, 401),
        ("/api/v1/snapshot", WRONG, 401),
        ("/api/v1/snapshot", {"Cookie": f"{COOKIE}={TOKEN}"}, 401),
        ("/api/v1/snapshot", BEARER, 200),
        ("/api/v1/snapshot", LOGGED_IN, 200),
        ("/stream", {}, 401),
        ("/static/index.html", {}, 401),
        ("/openapi.json", {}, 401),
        ("/readyz", {}, 401),
        ("/", {}, 303),
        ("/", LOGGED_IN, 200),
        ("/healthz", {}, 200),
        ("/login", {}, 200),
        ("/login/login.css", {}, 200),
    ],
)
def test_elsewhere_nothing_but_the_door_is_open(
    far: Running, path: str, headers: Mapping[str, str], status: int
) -> None:
    found = far.client.get(path, headers=headers)

    assert found.status_code == status
    assert TOKEN not in found.text


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("cross-site", "no-cors", "image", 403),
        ("same-site", "cors", "empty", 403),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "navigate", "document", 200),
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
    ],
)
def test_a_page_of_another_site_may_link_here_and_load_nothing(
    near: Running, site: str, mode: str, dest: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}

    assert near.client.get("/api/v1/status", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (WRONG, 401),
        (BEARER, 200),
        (LOGGED_IN, 200),
        (LOGGED_IN | {"Sec-Fetch-Site": "same-origin"}, 200),
        (LOGGED_IN | ELSEWHERE, 403),
        (LOGGED_IN | {"Origin": "null"}, 403),
        (LOGGED_IN | {"Origin": "http://[::1"}, 403),
        (LOGGED_IN | {"Sec-Fetch-Site": "cross-site"}, 403),
        (LOGGED_IN | {"Sec-Fetch-Site": "same-site"}, 403),
        (BEARER | {"Content-Type": "text/plain"}, 415),
        (BEARER | {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (BEARER | {"Host": "evil.example.com"}, 421),
    ],
)
def test_an_action_wants_the_token_json_and_our_own_page(
    near: Running, headers: Mapping[str, str], status: int
) -> None:
    found = near.client.post("/api/v1/alerts/mute?pipeline=firing", json=MUTE, headers=headers)

    assert found.status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8787", 200),
        ("localhost", 200),
        ("[::1]:8787", 200),
        ("evil.example.com", 421),
        ("127.0.0.1.example.com", 421),
        ("", 421),
    ],
)
def test_a_name_that_leads_here_from_elsewhere_is_refused(
    near: Running, host: str, status: int
) -> None:
    assert near.client.get("/api/v1/status", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("access", "headers", "may"),
    [
        (NEAR, {"host": "localhost:8787"}, True),
        (NEAR, {"host": "localhost", "x-forwarded-for": "203.0.113.7"}, False),
        (
            Access(token=TOKEN, hosts=frozenset({"kpi.example.com"})),
            {"host": "kpi.example.com"},
            False,
        ),
        (FAR, {"host": "localhost"}, False),
        (FAR, {"host": "localhost", "authorization": f"bearer {TOKEN}"}, True),
    ],
)
def test_reading_is_free_on_this_machine_alone(
    access: Access, headers: Mapping[str, str], *, may: bool
) -> None:
    assert access.may_read("/api/v1/snapshot", headers) is may


def test_names_that_are_listed_are_the_only_ones_where_some_are() -> None:
    listed = Access(token=TOKEN, loopback=False, hosts=frozenset({"kpi.example.com"}))

    listed.check_host({"host": "KPI.example.com:443"})
    FAR.check_host({"host": "anything.example.com"})
    with pytest.raises(Refused, match="KPI_DASHBOARD_HOSTS"):
        listed.check_host({"host": "other.example.com"})


def test_the_form_gives_a_cookie_that_no_script_reads(far: Running) -> None:
    wrong = far.client.post("/login", data={"token": "nonsense"})
    right = far.client.post("/login", data={"token": TOKEN})

    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert (right.status_code, right.headers["location"]) == (303, "/")
    morsel = SimpleCookie(right.headers["set-cookie"])[COOKIE]
    assert (morsel.value, morsel["httponly"], morsel["samesite"]) == (FAR.session, True, "strict")
    assert not morsel["secure"]
    assert far.client.get("/api/v1/status").status_code == 200
    assert far.client.post("/logout", content=b"").status_code == 303
    assert far.client.get("/api/v1/status").status_code == 401
    https = far.client.post("/login", data={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in https.headers["set-cookie"]
    far.client.cookies.clear()


def test_a_websocket_from_elsewhere_wants_the_token_too(far: Running) -> None:
    where = f"{far.url.replace('http', 'ws')}/ws"
    with pytest.raises(InvalidStatus, match="403"):
        connect(where)
    with connect(where, additional_headers=BEARER) as client:
        assert '"event":"snapshot"' in str(client.recv(5))


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("?pipeline=a%26b&tv=1", "?pipeline=a%26b&tv=1"),
        ("?//evil.example.com", "?//evil.example.com"),
        ("?next=https://evil.example.com", "?next=https://evil.example.com"),
        ("?a=%0d%0aSet-Cookie:%20b", "?a=%0d%0aSet-Cookie:%20b"),
        ("", ""),
    ],
)
def test_a_sign_in_leads_to_the_page_that_was_asked_for_and_nowhere_else(
    far: Running, asked: str, led: str
) -> None:
    door = far.client.get(f"/{asked}").headers["location"]
    form = far.client.get(door)
    right = far.client.post(door, data={"token": TOKEN})
    out = far.client.post(f"/logout{asked}", content=b"")
    far.client.cookies.clear()

    assert (door, out.headers["location"]) == (f"/login{led}", f"/login{led}")
    assert right.headers["location"] == f"/{led}"
    assert "action=" not in form.text  # so the form goes to the address that it came from


def test_a_form_of_another_site_does_not_log_in(far: Running) -> None:
    found = far.client.post("/login", data={"token": TOKEN}, headers=ELSEWHERE)

    assert found.status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/snapshot", "/nothing", "/login", "/api/v1/ticks?limit=0"]
)
def test_every_answer_tells_the_browser_to_be_careful(near: Running, path: str) -> None:
    headers = near.get(path).headers

    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == ("same-origin" if path == "/login" else "no-referrer")


def test_a_body_that_is_too_long_or_has_no_end_is_not_read(near: Running) -> None:
    where = "/api/v1/alerts/mute"
    long = near.client.post(where, content=b" " * 70_000, headers=BEARER)
    endless = near.client.post(where, content=iter([b"x"]), headers=BEARER)

    assert (long.status_code, endless.status_code) == (413, 411)


def test_the_token_shows_in_no_repr() -> None:
    assert TOKEN not in repr(NEAR)


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("mute", {"rule": "aov_lo", "minutes": 5}, 404, "did you mean 'aov_low'"),
        ("mute", {"rule": "aov_low", "minutes": 0}, 422, "minutes"),
        ("mute", {"rule": "aov_low", "minutes": 5, "for": 1}, 422, "for"),
        ("mute", {"rule": "aov_low", "minutes": 5, "why": "a\u0000b"}, 422, "why"),
        ("unmute", {"rule": "aov_lo"}, 404, "did you mean"),
        ("acknowledge", {"rule": "aov_lo", "number": 3, "level": "warn"}, 404, "nothing is open"),
        ("acknowledge", {"rule": "aov_low", "number": 2, "level": "critical"}, 409, "look again"),
        ("acknowledge", {"rule": "aov_low", "number": 3, "level": "warn"}, 409, "worse by now"),
        ("acknowledge", {"rule": "aov_low", "number": 3, "level": "ok"}, 422, "level"),
    ],
)
def test_an_action_that_cannot_be_is_a_problem(
    near: Running, path: str, body: object, status: int, said: str
) -> None:
    found = near.client.post(f"/api/v1/alerts/{path}?pipeline=firing", json=body, headers=BEARER)

    assert (found.status_code, said in found.json()["detail"]) == (status, True), found.text


def test_a_body_that_is_cut_off_is_told_where(near: Running) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    found = near.client.post("/api/v1/alerts/mute", content=b'{"rule": "a"', headers=headers)

    assert found.json()["detail"] == "the body is not JSON, from character 12 on"


@pytest.mark.parametrize("rule", ["freshness", "pipeline_failure"])
def test_what_follows_from_the_declaration_can_be_muted_too(near: Running, rule: str) -> None:
    where = "/api/v1/alerts/mute?pipeline=many"
    found = near.client.post(where, json={"rule": rule, "minutes": 5}, headers=BEARER)

    assert rule in [mute["rule"] for mute in found.json()["mutes"]]


def test_an_episode_is_taken_over_once(near: Running) -> None:
    seen = {"rule": "type_falls", "dims": ["DRUG GM"], "number": 3, "level": "warn"}
    where = "/api/v1/alerts/acknowledge?pipeline=firing"
    first = near.client.post(where, json=seen, headers=BEARER)
    second = near.client.post(where, json=seen, headers=BEARER)

    taken = next(item for item in first.json()["open"] if item["rule"] == "type_falls")
    assert taken["acknowledged"] is not None
    assert (first.status_code, second.status_code) == (200, 409)


def test_who_leaves_in_the_middle_of_the_form_makes_no_noise(
    near: Running, caplog: pytest.LogCaptureFixture
) -> None:
    place = urlsplit(near.url)
    head = f"POST /login HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 99\r\n\r\ntoken="
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(head.encode())
        time.sleep(0.2)
    time.sleep(0.3)

    assert near.get("/healthz").status_code == 200
    assert not caplog.records
