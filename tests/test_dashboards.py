"""Dashboards and alert rules ask only for metrics that Tocsin has, in expressions that Prometheus understands."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from streams.gateway.metrics import Metrics as GatewayMetrics
from streams.metrics import Metrics
from streams.scrape import merge
from streams.web.metrics import Metrics as WebMetrics
from tests.conftest import unavailable

ROOT = Path(__file__).parents[1]
DASHBOARDS = sorted((ROOT / "configs" / "grafana" / "dashboards").glob("*.json"))
RULES = ROOT / "configs" / "prometheus" / "alerts.yml"
RULE_TESTS = ROOT / "configs" / "prometheus" / "alerts_test.yml"
LABELS = {
    "instance",
    "job",
    "process",
    "le",
    "alertname",
    "alertstate",
    "severity",
}  # Prometheus' own, and what the supervisor adds

Expression = tuple[str, str]  # where it stands, PromQL


def of_dashboards() -> Iterator[Expression]:
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text("utf-8"))
        for panel in dashboard["panels"]:
            yield from ((f"{path.name}: {panel['title']}", target["expr"]) for target in panel.get("targets", ()))
        yield from ((f"{path.name}: {note['name']}", note["expr"]) for note in dashboard["annotations"]["list"])


def rules() -> list[dict[str, str]]:
    return [rule for group in YAML(typ="safe").load(RULES)["groups"] for rule in group["rules"]]


EXPRESSIONS = [
    *of_dashboards(),
    *((f"alerts.yml: {rule.get('alert') or rule['record']}", rule["expr"]) for rule in rules()),
]


def series() -> dict[str, set[str]]:
    """Every series of a live process, with its labels; Prometheus' own and the recorded ones."""
    roles, web, gateway = Metrics(CollectorRegistry()), WebMetrics(), GatewayMetrics()
    roles.watch(dict, lambda _: 0)
    found: dict[str, set[str]] = {"up": set(), "ALERTS": set()}
    found |= {rule["record"]: {"topic"} for rule in rules() if "record" in rule}
    merged = text_string_to_metric_families(merge({}, {"observe": 1}).decode())
    found |= {sample.name: set(sample.labels) for family in merged for sample in family.samples}
    for registry in (roles.registry, web.registry, gateway.registry):
        for family in registry.collect():
            labels = _labels(registry, family.name)
            endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "info": ["_info"]}
            found |= {family.name + ending: labels for ending in endings.get(family.type, [""])}
    return found


def _labels(registry: CollectorRegistry, name: str) -> set[str]:
    """A metric without a value yet shows no sample: its labels are known only to itself."""
    collector = registry._names_to_collectors.get(name) or registry._names_to_collectors.get(name + "_total")
    return set(getattr(collector, "_labelnames", ())) or {"topic", "partition"}


SERIES = series()


def asked(expression: str) -> set[str]:
    """Names of series in PromQL: words that begin as ours do, and Prometheus' own."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:tocsin[\w:]*|process_\w+|up|ALERTS)\b", bare))


def labels(expression: str) -> set[str]:
    """Names of labels: in `by (…)`, `on (…)` and before a matcher."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    grouped = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", bare)
    return {name for group in grouped for name in re.findall(r"\w+", group)} | set(
        re.findall(r"(\w+)\s*=?[=~!]~?\"\"", bare)
    )


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_asks_only_for_what_there_is(where: str, expression: str):
    names = asked(expression)
    assert names, f"{where}: asks for nothing of Tocsin"
    assert names <= set(SERIES), f"{where}: no process has {sorted(names - set(SERIES))}"
    known = LABELS.union(*(SERIES[name] for name in names))
    assert labels(expression) <= known, f"{where}: no such label {sorted(labels(expression) - known)}"


def test_finds_names_and_labels():
    expression = 'sum by (le, topic) (rate(tocsin_batch_seconds_bucket{sink=~"up"}[5m])) > tocsin:lag_records:sum'
    assert asked(expression) == {"tocsin_batch_seconds_bucket", "tocsin:lag_records:sum"}
    assert labels(expression) == {"le", "topic", "sink"}


def test_prometheus_understands_every_expression(tmp_path: Path):
    if not shutil.which("promtool"):
        unavailable("needs promtool (Debian: apt-get install prometheus)")
    panels = [{"record": f"panel:{n}", "expr": expression} for n, (_, expression) in enumerate(EXPRESSIONS)]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": panels}]}))
    _promtool("check", "rules", str(tmp_path / "panels.yml"))


def test_the_alerts_fire_when_they_must():
    if not shutil.which("promtool"):
        unavailable("needs promtool (Debian: apt-get install prometheus)")
    _promtool("check", "config", "--lint-fatal", "prometheus.yml")
    _promtool("test", "rules", RULE_TESTS.name)


def _promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], check=False, capture_output=True, text=True, cwd=RULES.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_both_ways_and_says_what_to_do():
    tests = {test["name"]: test for test in YAML(typ="safe").load(RULE_TESTS)["tests"]}
    quiet = {case["alertname"] for case in tests["all is well"]["alert_rule_test"]}
    fires = set(re.findall(r'alertname="(\w+)"', RULE_TESTS.read_text("utf-8")))
    for rule in rules():
        if name := rule.get("alert"):
            assert name in quiet & fires
            assert {"summary", "summary_zh", "action"} <= set(rule["annotations"])


def test_panels_do_not_cover_each_other():
    for path in DASHBOARDS:
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(path.read_text("utf-8"))["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, f"{path.name}: {panel['title']}"
            taken |= cells
