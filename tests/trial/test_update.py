from streams.trial.session import open_session, run
from streams.trial.update import update
from tests.trial.given import CONFIG, HEAD

CURVE = "[{constant: 1, for: 10 min}, {constant: 2.5, for: 10 min}, {constant: 3.5, for: 1 min}, {constant: 1}]"
READINGS = f"until: 60 min  # an hour\nreadings:\n  - {{station: R1, curve: {CURVE}}}\n"
CAME = """\
expect:
  - {at: 10 min, level: blue, reason: first}
  - {at: 20 min, level: red, reason: level_up}
  - {at: 31 min, level: none, reason: ended}
"""


def updated(folder, text):
    head = HEAD.replace("end_red: person", "end_red: timer")
    path = folder / "scenario.yaml"
    path.write_text(head + text, "utf-8")
    ready = open_session([path], CONFIG).ready
    changed = update(path, [run(one) for one in ready])
    new = path.read_text("utf-8")
    assert new.startswith(head)
    assert all(run(one).ok for one in open_session([path], CONFIG).ready)
    return new.removeprefix(head) if changed else None


def test_a_missing_list_is_written_at_the_end(tmp_path):
    assert updated(tmp_path, READINGS) == READINGS + CAME


def test_what_is_right_is_left_alone(tmp_path):
    assert updated(tmp_path, READINGS + CAME) is None


def test_the_ends_of_lines_stay_as_they_are(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_bytes((HEAD + READINGS).replace("\n", "\r\n").encode())
    assert update(path, [run(one) for one in open_session([path], CONFIG).ready])
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > READINGS.count("\n")


def test_what_fits_keeps_its_words_and_its_remarks(tmp_path):
    text = f"""\
# what rises
expect:
    # the first of all
    - at: 10 min   # sharp
      level: blue
    - {{at: 11 min, level: yellow}}

    # never this
    - never: {{level: orange}}
    - {{after: 15 min, level: red}}
# about the readings
{READINGS}"""
    new = """\
# what rises
expect:
  # the first of all
  - at: 10 min   # sharp
    level: blue
  # never this
  - never: {level: orange}
  - {after: 15 min, level: red}
  - {at: 31 min, level: none, reason: ended}
# about the readings
"""
    assert updated(tmp_path, text) == new + READINGS


def test_a_list_in_brackets_becomes_a_list_of_lines(tmp_path):
    text = READINGS + "expect: [{level: blue}, {level: yellow}, {never: {level: orange}}]  # all\n"
    kept = "  - {level: blue}\n  - {never: {level: orange}}\n"
    rest = "".join(CAME.splitlines(keepends=True)[2:])
    assert updated(tmp_path, text) == f"{READINGS}expect:\n{kept}{rest}"


def test_each_scenario_has_its_own(tmp_path):
    inner = READINGS.replace("\n", "\n    ").rstrip(" ")
    two = "  # the second\n  two:\n    until: 1 min\n    expect:"
    text = f"scenarios:\n  one:\n    {inner}\n{two}\n      - {{level: red}}\n"
    came = CAME.replace("\n", "\n    ").rstrip(" ")
    assert updated(tmp_path, text) == f"scenarios:\n  one:\n    {inner}    {came}\n{two} []\n"


def test_remarks_that_belong_to_no_item_stay(tmp_path):
    text = f"""\
expect:  # as the standard says
  # of the whole list

  # of the first
  -
    at: 10 min
    level: blue
{READINGS}"""
    new = """\
expect:
  # as the standard says
  # of the whole list
  # of the first
  -
    at: 10 min
    level: blue
"""
    rest = "".join(CAME.splitlines(keepends=True)[2:])
    assert updated(tmp_path, text) == new + rest + READINGS


def test_remarks_and_quotes_in_brackets_stay(tmp_path):
    text = f'{READINGS}expect: [\n  # at once\n  {{level: "blue"}}]\n'
    rest = "".join(CAME.splitlines(keepends=True)[2:])
    assert updated(tmp_path, text) == f'{READINGS}expect:\n  # at once\n  - {{level: "blue"}}\n{rest}'
