import re
from pathlib import Path

import httpx
import pytest

from streams.web import pages, web_app
from streams.web.headers import policy
from tests.servers.valkey import Redis
from tests.web import county


def test_two_apps_in_one_process() -> None:
    one, two = web_app(county.county("redis://127.0.0.1:1")), web_app(county.county("redis://127.0.0.1:1"))
    assert one.state.context.metrics.registry is not two.state.context.metrics.registry


def test_site(api: httpx.Client) -> None:
    site = api.get("/v1/site").json()
    assert (site["exercise"], site["timezone"], site["language"]) == (True, "Asia/Shanghai", "zh")
    assert site["zones"]["QH-03"]["name"] == {"zh": "清河镇", "en": "Qinghe Town"}
    assert site["hazards"]["flood"]["name"]["en"] == "River flood"


def test_ready_only_with_redis(api: httpx.Client, valkey: Redis) -> None:
    assert api.get("/healthz").json() == {"ready": True, "role": "web", "reasons": []}
    valkey.stop()
    answer = api.get("/healthz")
    assert answer.status_code == 503
    assert "Redis is away" in answer.json()["reasons"][0]


@pytest.mark.parametrize(
    "path",
    ["/v1/alerts", "/v1/alerts/x", "/v1/ended", "/v1/recent", "/v1/health", "/v1/stations", "/v1/map/zones.geojson"],
)
def test_without_redis_everything_says_503_and_why(api: httpx.Client, valkey: Redis, path: str) -> None:
    valkey.stop()
    answer = api.get(path)
    assert answer.status_code == 503
    assert answer.json()["error"] == "away"
    assert "Redis" in answer.json()["message"]
    assert api.get("/v1/site").status_code == 200
    assert api.get("/v1/map/zones.geojson?levels=false").status_code == 200


def test_metrics_have_no_paths_of_strangers(api: httpx.Client) -> None:
    api.get("/nonsense/1")
    api.get("/v1/alerts/secret-1")
    text = api.get("/metrics").text
    assert 'route="/v1/alerts/{alert}"' in text
    assert "nonsense" not in text
    assert "secret" not in text
    assert "tocsin_web_feed_clients 0.0" in text


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/site", "/nothing", "/static/app.css"])
def test_security_headers_everywhere(api: httpx.Client, path: str) -> None:
    headers = api.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_only_a_configured_map_server_is_let_in() -> None:
    assert "http" not in policy(None)
    assert policy("tiles:https://{s}.tiles.example/{z}/{x}/{y}.png").count("https://*.tiles.example") == 1
    assert "http" not in policy("tiles:/tiles/{z}/{x}/{y}.png")


def test_static_files_are_revalidated(api: httpx.Client) -> None:
    first = api.get("/static/app.css")
    assert first.headers["Cache-Control"] == "no-cache"
    assert api.get("/static/app.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "max-age" in api.get("/static/vendor/leaflet/leaflet.js").headers["Cache-Control"]
    assert api.get("/static/js/main.js").headers["Content-Type"].startswith("text/javascript")


def test_errors_are_json(api: httpx.Client) -> None:
    assert api.get("/nothing").json()["error"] == "not_found"
    assert api.put("/v1/alerts").json()["error"] == "method_not_allowed"
    assert api.get("/v1/ended?limit=0").json()["fields"][0]["field"] == "query.limit"


def test_the_description_has_the_real_shapes(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"Command", "Evidence", "StationRow", "Error"} <= document["components"]["schemas"].keys()
    assert "/v1/feed" in document["paths"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', httpx.Response(200, json=document).text))
    assert references <= document["components"]["schemas"].keys()


def test_vendored_files_keep_their_licence() -> None:
    folders = [f for f in (pages.STATIC / "vendor").iterdir() if f.is_dir()]
    assert {f.name for f in folders} == {"leaflet", "swagger-ui"}
    assert all((f / "LICENSE").stat().st_size > 500 for f in folders)


def _own(pattern: str) -> list[Path]:
    return [f for f in pages.STATIC.rglob(pattern) if "vendor" not in f.parts]


def test_no_outside_address_and_no_html_from_data() -> None:
    for file in [*_own("*.js"), *_own("*.css"), *_own("*.html")]:
        text = file.read_text(encoding="utf-8")
        addresses = [a for a in re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", text) if "www.w3.org" not in a]
        assert not addresses, file
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), file
