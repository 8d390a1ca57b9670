"""`tocsin verify`: a good recording holds, and each way in which one can be untrue is found and shown."""

import base64
import copy
import json
import os
import random
import signal
import time
from collections import defaultdict
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import KafkaProducer
from typer.testing import CliRunner

from streams.cli import app
from streams.config import load
from streams.models.signal import Act, Reported, Source
from streams.models.site import AlertCondition
from streams.resaid import renamed
from streams.sorted_run import picture_difference, sorted_run
from streams.verify import Verification
from tests.core.sites import hazard
from tests.e2e.whole import Whole
from tests.made_recording import BEGIN, COUNTS, READINGS, SIGNALS, STATIONS, Made, home, site_files, values


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify") / "site"
    site_files(folder)
    (folder / "app.yaml").write_text("timezone: UTC\n")
    topics = "".join(f"  {name}: {{partitions: {count}}}\n" for name, count in COUNTS.items())
    (folder / "topics.yaml").write_text(f"topics:\n{topics}")
    return folder


@pytest.fixture(scope="module")
def site(config):
    return load(config).site


def found(report, name):
    return next(one for one in report.promises if one.name == name)


def fields_of(promise):
    return {one.name: (one.left, one.right) for one in promise.difference.fields}


def with_value(record, change):
    """The record with its JSON changed."""
    body = json.loads(record.value)
    change(body)
    return msgspec.json.encode(body)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_what_was_recorded_holds(site, seed):
    report = Made(site, seed, 300).run().report()
    assert [one.holds for one in report.promises] == [True, True, True], report
    assert report.notes == []


def after_a_change(made, at):
    """As if partitions had been changed at that time: signals from before name their sources otherwise."""
    for key, log in made.logs.items():
        if key[0] == "signals":
            rewrite = renamed(SIGNALS)
            made.logs[key] = [replace(one, value=rewrite(one)) if one.timestamp <= at else one for one in log]


def test_after_a_change_of_partitions_what_came_since_is_compared(site, made):
    times = [one.timestamp for key, log in made.logs.items() if key[0] == "signals" for one in log]
    at = (min(times) + max(times)) // 2
    after_a_change(made, at)
    report = made.report()
    assert [one.holds for one in report.promises] == [True, True, None], report
    assert all(one.compared for one in report.promises[:2])
    assert "partitions was changed" in report.notes[0]


@pytest.mark.parametrize(("topic", "broken"), [("signals", "b"), ("commands", "a")])
def test_after_a_change_of_partitions_what_is_wrong_since_is_found(site, made, topic, broken):
    times = [one.timestamp for key, log in made.logs.items() if key[0] == "signals" for one in log]
    at = (min(times) + max(times)) // 2
    after_a_change(made, at)
    for key, log in made.logs.items():
        if key[0] == topic:
            made.logs[key] = [
                replace(one, value=(one.value or b"").replace(b'"water_level"', b'"WATER_LEVEL"'))
                if one.timestamp > at + (max(times) - at) // 2
                else one
                for one in log
            ]
    assert found(made.report(), broken).holds is False


def test_bytes_that_are_no_text_are_a_difference_too(made):
    key = next(key for key, log in made.logs.items() if key[0] == "commands" and log)
    one = made.logs[key][0]
    made.logs[key][0] = replace(one, value=one.value.replace(b'"en":"', b'"en":"\x9f', 1))
    promise = found(made.report(), "a")
    assert promise.holds is False
    assert "\\x9f" in str(fields_of(promise))


def test_a_signal_at_which_the_replay_fails_is_told_with_its_place(made):
    key = next(
        key for key, log in made.logs.items() if key[0] == "signals" and any(b'"on"' in r.value for r in log if r.value)
    )
    at = next(i for i, one in enumerate(made.logs[key]) if b'"on"' in (one.value or b""))
    one = made.logs[key][at]
    made.logs[key][at] = replace(one, value=one.value.replace(b'"received":', b'"received":99', 1))
    report = made.report()
    promise = found(report, "a")
    assert promise.holds is False
    assert "fails" in promise.difference.what
    assert promise.difference.places[0] == ("signals", key[1], one.offset)
    assert not report.ok


@pytest.fixture(scope="module")
def original(site):
    return Made(site, seconds=400).run()


@pytest.fixture
def made(original):
    """Tests change it."""
    found = copy.copy(original)
    found.logs = defaultdict(list, {key: list(log) for key, log in original.logs.items()})
    return found


def test_it_is_no_empty_proof(made):
    report = made.report()
    assert all(one.compared > 3 for one in report.promises)
    triggers = [t for r in made.records("signals") for t in json.loads(r.value).get("triggers", ())]
    assert {t["edge"] for t in triggers} == {"on", "off", "lost", "back"}
    ids = [json.loads(r.value)["id"] for r in made.records("commands")]
    assert len(set(ids)) < len(ids)


def a_trigger(made, edge="on"):
    """The first signal that has it, and its place in it."""
    for record in made.records("signals"):
        for index, one in enumerate(json.loads(record.value).get("triggers", ())):
            if one["edge"] == edge:
                return record, index, one
    raise AssertionError(edge)


def test_a_changed_trigger_is_found(made):
    record, index, trigger = a_trigger(made)
    made.change(record, value=with_value(record, lambda body: body["triggers"][index].update(value=9.5)))
    report = made.report()
    broken = found(report, "b")
    assert broken.holds is False
    assert fields_of(broken)["value"][0] == "9.5"
    assert trigger["station"] in broken.difference.subject or broken.difference.what.endswith("two contents")
    assert broken.difference.places[0].topic == "signals"
    assert found(report, "a").holds is False  # the command that follows from it says something else
    assert found(report, "d").holds is None


@pytest.mark.parametrize("name", ["id", "zone", "received", "source", "passed"])
def test_a_signal_with_other_words_around_its_triggers_is_found(made, name):
    """When it falls, whether it is a repeat, whose it is: (a) takes them as they were recorded."""

    def change(body):
        body[name] = {
            "id": "x",
            "zone": next(z for z in ("Z0", "Z1", "Z2", "Z3") if z != body["zone"] and home(z) == record.partition),
            "received": body["received"] + 1_000_000, "source": [*body["source"][:4], body["source"][4] + 1],
            "passed": {key: at - 1 for key, at in body["passed"].items()},
        }[name]  # fmt: skip

    record, *_ = a_trigger(made, "off")
    made.change(record, value=with_value(record, change))
    broken = found(made.report(), "b")
    assert broken.holds is False
    assert name in fields_of(broken)
    assert broken.difference.places[0] == ("signals", record.partition, record.offset)


def test_an_id_with_two_contents_is_found(made):
    first = made.records("commands")[0]
    twice = with_value(first, lambda body: body.update(note="otherwise", stages={}))
    made.put("commands", first.partition, first.key, twice, made.now)
    difference = found(made.report(), "a").difference
    assert "two contents" in difference.what
    assert difference.places[1].offset == len(made.logs["commands", first.partition]) - 1
    assert [(one.name, one.right) for one in difference.fields] == [("note", '"otherwise"')]


def test_a_trigger_id_with_two_contents_is_found_even_in_a_repeat(made):
    record, index, _ = a_trigger(made)
    again = with_value(record, lambda body: body["triggers"][index].update(quality=3))
    made.put("signals", record.partition, record.key, again, made.now)
    report = made.report()
    assert "two contents" in found(report, "b").difference.what
    assert found(report, "a").holds  # it is dropped by its source


def lone_command(made, *, last=False):
    """A command that is there once, and has one after it in its zone (or none)."""
    seen = defaultdict(list)
    for record in made.records("commands"):
        seen[record.key].append(record)
    for records in seen.values():
        ids = [json.loads(one.value)["id"] for one in records]
        at = len(ids) - 1 if last else next((i for i in range(len(ids) - 1) if ids.count(ids[i]) == 1), None)
        if at is not None and ids.count(ids[at]) == 1 and len(set(ids)) > 2:
            return records[at]
    raise AssertionError("none")


@pytest.mark.parametrize("last", [False, True])
def test_a_missing_command_is_found(made, last):
    record = lone_command(made, last=last)
    made.drop(record)
    difference = found(made.report(), "a").difference
    assert "missing in the recording" in difference.what
    assert ("at the end" in difference.what) == last
    assert record.key.decode() in difference.subject
    assert difference.places[1].topic == "signals"
    assert fields_of(found(made.report(), "a"))["id"][1].strip('"') == json.loads(record.value)["id"]


def test_a_command_from_nowhere_is_found(made):
    record = lone_command(made)
    made.put("commands", record.partition, record.key, with_value(record, lambda body: body.update(id="x")), made.now)
    assert "does not follow" in found(made.report(), "a").difference.what


def test_another_order_is_found(made):
    record = lone_command(made)
    log = made.logs["commands", record.partition]
    other = next(
        one
        for one in log[record.offset :]
        if one.key == record.key and json.loads(one.value)["id"] != json.loads(record.value)["id"]
    )
    made.change(record, value=other.value)
    made.change(other, value=record.value)
    difference = found(made.report(), "a").difference
    assert "order is another" in difference.what


def again(made, record):
    """It comes once more, after all others: who was frozen had given it to the producer before."""
    made.put("commands", record.partition, record.key, record.value, made.now)


def test_a_repeat_that_comes_late_is_no_other_order(made):
    again(made, lone_command(made))
    assert found(made.report(), "a").holds


def test_repeats_in_the_right_order_do_not_make_up_for_a_wrong_one(made):
    record = lone_command(made)
    log = made.logs["commands", record.partition]
    ours = [one for one in log if one.key == record.key]
    other = next(one for one in ours if one.offset > record.offset)
    made.change(record, value=other.value)
    made.change(other, value=record.value)
    for one in ours:
        again(made, one)
    assert "order is another" in found(made.report(), "a").difference.what


def test_a_missing_signal_is_found(made):
    record, *_ = a_trigger(made, "off")
    while True:  # and its repeats
        same = [r for r in made.logs["signals", record.partition] if r.value == record.value]
        if not same:
            break
        made.drop(same[0])
    assert "missing in the recording" in found(made.report(), "b").difference.what


def test_a_reading_that_was_changed_afterwards_is_found(made):
    record, *_ = a_trigger(made)
    source = Source(*json.loads(record.value)["source"])
    reading = made.logs["readings", source.partition][source.offset]
    made.change(reading, value=with_value(reading, lambda body: body.update(value=7.77)))
    report = made.report()
    assert found(report, "a").holds
    assert found(report, "b").holds is False


def test_without_the_last_progress_the_end_is_not_compared(made):
    for p in range(SIGNALS):
        log = made.logs["signals", p]
        while json.loads(log[-1].value)["type"] == "progress":
            log.pop()
    report = made.report()
    assert found(report, "d").holds is None
    assert "passed the last record" in found(report, "d").why
    assert report.ok


def test_a_picture_that_differs_is_shown(made):
    verification = Verification(made.site, COUNTS, made.records)
    verification.run()
    subject = next(s for a in verification._assessors for s in a.subjects.values() if s.picture.latches)
    ideal = sorted_run(made.site, verification._assessors, verification.placed())
    next(iter(subject.picture.latches.values())).on ^= True
    difference = picture_difference(verification._assessors, ideal)
    assert subject.key in difference.subject
    assert [one.name for one in difference.fields] == ["on"]


def test_reports_and_acts_take_part(site):
    made = Made(site, 3, 200)
    for who, second in (("a", 10), ("b", 20)):
        at = (BEGIN + second * 1000) * 1000
        source = Source("reports", 0, second, 0, 0)
        report = Reported(f"r{who}", source, at, "Z1", "Actual", "flooding", "citizen", at, who)
        made.tell(home("Z1"), b"Z1", report)
    made.tell(home("Z1"), b"Z1", Act("1", "Z1", "silence", "Li", ends=(BEGIN + 60_000) * 1000))
    report = made.run().report()
    assert [one.holds for one in report.promises] == [True, True, True], report


def test_what_alerts_mean_elsewhere_takes_part(site):
    other = AlertCondition("other", "flood", 2, "near", 250_000.0, lasting=30_000_000)
    works = hazard([other], {2: "other"}, name="works", subject="zone", prop="none")
    again = {2: {"count": {"of": "other", "at_least": 1, "within": 300_000_000}}}
    more = hazard([replace(other, hazard="works")], again, name="more", subject="zone", prop="none")
    whole = replace(site, hazards={**site.hazards, "works": works, "more": more})
    made = Made(whole, 4, 400).run()
    assert sum(json.loads(one.value)["type"] == "relay" for one in made.records("signals")) > 9
    said = {json.loads(one.value)["hazard"] for one in made.records("commands")}
    assert {"works", "more"} <= said
    report = made.report()
    assert [one.holds for one in report.promises] == [True, True, True], report


# -- what retention has taken ----------------------------------------------------------------------------------------


def begin_at(made, topic, partition, offset):
    del made.logs[topic, partition][:offset]


def test_a_recording_that_begins_later_is_compared_from_where_both_agree(made):
    record = made.logs["readings", 0][len(made.logs["readings", 0]) // 2]
    begin_at(made, "readings", 0, record.offset)
    report = made.report()
    assert report.ok, report
    assert any(f"readings[0] begins at offset {record.offset}" in note for note in report.notes)
    assert any("compared from signals[" in note and "left out" in note for note in report.notes)
    assert "begin" in found(report, "d").why
    assert found(report, "a").holds


def test_readings_that_are_gone_altogether_are_no_difference(made):
    del made.logs["readings", 1]
    report = made.report()
    assert report.ok
    assert any("not at all" in note for note in report.notes)


def test_signals_that_begin_later(made):
    begin_at(made, "signals", 0, 30)
    report = made.report()
    assert report.ok, report
    assert found(report, "a").compared
    assert any("commands of" in note and "not compared" in note for note in report.notes)


def test_commands_that_begin_later(made):
    begin_at(made, "commands", 0, 4)
    begin_at(made, "commands", 1, 4)
    report = made.report()
    assert report.ok, report
    assert found(report, "a").compared
    assert found(report, "d").holds


def test_holes_are_named(made):
    del made.logs["signals", 0][5]
    assert "signals[0]: offsets 5 to 5 are not in the recording" in made.report().notes


# -- the command -----------------------------------------------------------------------------------------------------


def tocsin(folder, config, *words, code=0):
    result = CliRunner().invoke(app, ["verify", str(folder), "--config", str(config), *words])
    assert result.exit_code == code, result.output + result.stderr
    return result.stdout if code < 2 else result.stderr


def test_exit_0_when_all_holds(made, config, tmp_path):
    folder = made.write(tmp_path / "run")
    assert [line.split()[1] for line in tocsin(folder, config).splitlines()] == ["holds"] * 3
    answer = json.loads(tocsin(folder, config, "--json"))
    assert answer["ok"] is True
    assert {name: one["holds"] for name, one in answer["promises"].items()} == {"a": True, "b": True, "d": True}


def test_exit_1_shows_the_first_difference(made, config, tmp_path):
    record, index, _ = a_trigger(made)
    made.change(record, value=with_value(record, lambda body: body["triggers"][index].update(value=9.5)))
    folder = made.write(tmp_path / "run")
    shown = tocsin(folder, config, code=1)
    assert "(b) broken" in shown
    assert f"signals[{record.partition}] offset {record.offset}" in shown
    assert "9.5" in shown
    answer = json.loads(tocsin(folder, config, "--json", code=1))
    assert answer["promises"]["b"]["difference"]["fields"]["value"]


def test_exit_2_without_files(config, tmp_path):
    assert "signals.jsonl" in tocsin(tmp_path, config, code=2)


def damaged(path, number, change):
    lines = path.read_text().splitlines()
    lines[number - 1] = change(lines[number - 1])
    path.write_text("\n".join(lines) + "\n")


def part(line, **fields):
    return json.dumps(json.loads(line) | fields)


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("signals", lambda line: line[:20]),
        ("readings", lambda line: "[]"),
        ("readings", lambda line: ""),
        ("commands", lambda line: part(line, value_base64="%%%")),
        ("signals", lambda line: part(line, key=7)),
        ("signals", lambda line: part(line, offset="7")),
        ("signals", lambda line: part(line, timestamp=None)),
        ("signals", lambda line: part(line, partition=True)),
        ("readings", lambda line: part(line, partition=READINGS)),
        ("signals", lambda line: part(line, offset=0)),
        ("commands", lambda line: part(line, value_base64=base64.b64encode(b"[]").decode())),
        ("commands", lambda line: part(line, value_base64=None)),
        ("commands", lambda line: part(line, value_base64=base64.b64encode(b'{"id": 1}').decode())),
    ],
)
def test_exit_2_names_the_damaged_line(made, config, tmp_path, topic, change):
    folder = made.write(tmp_path / "run")
    damaged(folder / f"{topic}.jsonl", 4, change)
    assert f"{topic}.jsonl:4" in tocsin(folder, config, code=2)


def test_more_partitions_than_the_configuration_says(made, config, tmp_path):
    folder = made.write(tmp_path / "run")
    damaged(folder / "readings.jsonl", 1, lambda line: part(line, partition=9))
    assert "at most 4 partitions, as topics.yaml says" in tocsin(folder, config, code=2)


# -- a real run ------------------------------------------------------------------------------------------------------


def kill(whole, role):
    found = json.loads((whole.folder / "run" / f"{role}-0.json").read_text())
    os.kill(found["pid"], signal.SIGKILL)


def publish(whole, sent, kills):
    """What 20 stations send in 800 s of their time, in 8 s; phenomenon time ends now."""
    producer = KafkaProducer(bootstrap_servers=whole.bootstrap)
    begin, shift = time.time(), time.time() - 800 - BEGIN / 1000
    for second, name, body in sent:
        if (wait := begin + second / 100 - time.time()) > 0:
            time.sleep(wait)
        while kills and second >= kills[0][0]:
            kill(whole, kills.pop(0)[1])
        producer.send("readings", key=name.encode(), value=moved(body, shift))
    at = time.time()
    for who in ("a", "b"):
        report = {"id": who, "kind": "flooding", "time": at, "zone": "Z1", "source": "citizen", "reporter": who}
        producer.send("reports", key=b"Z1", value=json.dumps(report).encode())
    producer.close()


def moved(body, seconds):
    try:
        found = json.loads(body)
    except ValueError:
        return body
    return json.dumps({**found, "time": round(found["time"] + seconds, 3)}).encode()


def at_rest(whole):
    """All stations have fallen silent, and nothing more is said."""
    triggers = [t for r in whole.read("signals") if r.value for t in json.loads(r.value).get("triggers", ())]
    last = {t["station"]: t["edge"] for t in triggers if t["edge"] in ("lost", "back")}
    before = len(whole.read("commands"))
    time.sleep(1.5)
    return before == len(whole.read("commands")) and [last.get(name) for name in STATIONS] == ["lost"] * len(STATIONS)


@pytest.mark.kafka
@pytest.mark.slow
def test_a_real_run_with_kill_9_holds(tmp_path, kafka):
    whole = Whole(tmp_path / "site", kafka.bootstrap, partitions={"readings": READINGS})
    site_files(whole.folder, interval="1 s")
    whole.make_topics()
    sent = values(random.Random(20), 800)
    with whole.worker() as process:
        publish(whole, sent, [(250, "observe"), (400, "assess")])
        whole.wait_ready(process)
        whole.wait_for(lambda: at_rest(whole))
    whole.tocsin("record", str(tmp_path / "run"))
    answer = json.loads(whole.tocsin("verify", str(tmp_path / "run"), "--json"))
    assert {name: one["holds"] for name, one in answer["promises"].items()} == {"a": True, "b": True, "d": True}, answer
    assert all(one["compared"] > 3 for one in answer["promises"].values())
