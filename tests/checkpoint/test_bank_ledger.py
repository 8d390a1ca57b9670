from streams.checkpoint import bank_ledger
from streams.checkpoint.bank_ledger import BankLedger, Cut
from streams.models.saved import ChunkEntry


def save(ledger, cut, seq=0, at=0.0, slot_bytes=100):
    ledger.done(cut, "t", seq, seq + 10, 0, cut.count * slot_bytes, at)


def chunks(ledger):
    return [(e.first, e.count, e.upto) for e in ledger.index(b"", []).chunks]


def test_new_slots_have_no_state_before_the_batch_they_came_in():
    ledger = BankLedger()
    ledger.grow(1_500, 40)
    assert chunks(ledger) == [(0, 1_000, 40), (1_000, 500, 40)]
    assert ledger.read_from == 40
    ledger.grow(1_600, 90)
    assert chunks(ledger)[-1] == (1_500, 100, 90)
    assert ledger.read_from == 40
    assert ledger.complete


def test_small_neighbours_become_one_chunk():
    ledger = BankLedger()
    ledger.grow(1_000, 0)
    for upto in (10, 20, 30):
        ledger.grow(ledger.slots + 7, upto)
    save(ledger, ledger.due(100, 0.0, 10**9, 60, 100))
    assert chunks(ledger)[0] == (0, 1_000, 100)
    save(ledger, ledger.due(110, 0.0, 10**9, 60, 110))
    assert chunks(ledger) == [(0, 1_000, 100), (1_000, 21, 110)]
    assert ledger.due(120, 1.0, 10**9, 60, 120) is None


def test_the_oldest_is_due_when_a_restart_would_read_too_much_or_it_is_old():
    ledger = BankLedger([ChunkEntry(0, 10, 100, "x", 1, 1), ChunkEntry(10, 10, 50, "x", 2, 2)])
    first = ledger.due(150, 0.0, 10, 60, 150)
    assert first == Cut(10, 10, 150)  # before our time: at once
    save(ledger, first)
    save(ledger, ledger.due(150, 0.0, 10, 60, 150))
    assert ledger.due(155, 59.0, 10, 60, 155) is None
    assert ledger.due(160, 59.0, 10, 60, 160) == Cut(0, 20, 160)
    save(ledger, Cut(0, 20, 160), at=59.0)
    assert ledger.due(161, 119.0, 10, 60, 161) is not None
    assert chunks(ledger) == [(0, 20, 160)]


def test_when_there_were_ticks_only_it_has_time_until_its_offset_might_fall_out_of_the_log():
    ledger = BankLedger([ChunkEntry(0, 10, 100, "x", 1, 1)])
    save(ledger, Cut(0, 10, 110), at=5.0)
    assert ledger.due(5_000, 100.0, 10, 60, 110) is None
    assert ledger.due(5_000, 4_000.0, 10, 60, 110) == Cut(0, 10, 5_000)


def test_nothing_is_due_when_nothing_was_read():
    ledger = BankLedger([ChunkEntry(0, 10, 100, "x", 1, 1)])
    assert ledger.due(100, 1e9, 1, 0, 100) is None


def test_what_is_on_its_way_is_not_taken_again_and_counts_only_when_it_is_there(monkeypatch):
    monkeypatch.setattr(bank_ledger, "FIRST_CHUNK", 10)
    ledger = BankLedger([ChunkEntry(0, 10, 100, "x", 1, 1), ChunkEntry(10, 10, 120, "x", 2, 2)])
    cut = ledger.oldest(200)
    other = ledger.oldest(200)
    assert (cut.first, other.first) == (0, 10)
    assert ledger.oldest(200) is None
    assert ledger.read_from == 100
    ledger.failed(cut)
    assert ledger.oldest(210) == Cut(0, 10, 210)
    save(ledger, other, seq=5)
    assert chunks(ledger) == [(0, 10, 100), (10, 10, 200)]
    assert ledger.needed == 1


def test_after_a_refusal_there_is_no_index_until_everything_was_saved_anew(monkeypatch):
    monkeypatch.setattr(bank_ledger, "FIRST_CHUNK", 10)
    ledger = BankLedger(whole=False)
    ledger.grow(20, 5)
    assert not ledger.complete
    save(ledger, ledger.oldest(100))
    assert not ledger.complete
    save(ledger, ledger.oldest(100))
    assert ledger.complete
    ledger.grow(25, 110)
    assert ledger.complete


def test_chunks_take_about_the_agreed_number_of_bytes():
    ledger = BankLedger()
    ledger.grow(1_000, 0)
    save(ledger, ledger.oldest(1), slot_bytes=200)
    ledger.grow(20_000, 1)
    assert {e.count for e in ledger.index(b"", []).chunks[1:-1]} == {bank_ledger.CHUNK_BYTES // 200}
    assert ledger.size == 20_000 * 200
