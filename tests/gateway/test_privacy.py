"""Pseudonyms: stable with a key, different with another, never the person."""

from hypothesis import given
from hypothesis import strategies as st

from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.models.settings import Privacy

PERSONS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(PERSONS)
def test_a_pseudonym_is_stable_and_idempotent(person):
    pseudonym = pseudonymiser(b"key")
    assert pseudonym(person) == pseudonym(person) == pseudonym(pseudonym(person))
    assert pseudonym(person) != pseudonymiser(b"other")(person)


@given(PERSONS)
def test_what_only_looks_like_a_pseudonym_is_hashed(person):
    assert pseudonymiser(b"key")("p:" + person + "!") != "p:" + person + "!"


def test_the_key_comes_from_the_file_then_the_variable_then_chance(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PRIVACY_KEY", "from the variable")
    assert privacy_key(Privacy()) == b"from the variable"
    (tmp_path / "key").write_bytes(b"from the file\n")
    assert privacy_key(Privacy(key_file=str(tmp_path / "key"))) == b"from the file"
    monkeypatch.delenv("TOCSIN_PRIVACY_KEY")
    assert privacy_key(Privacy()) != privacy_key(Privacy())
