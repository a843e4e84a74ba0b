"""What each level of a check looks at, with which key, and what it says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.pace import Stage
from backup.engine.checking.record import Record
from backup.engine.checking.report import Kind, Level, Report, Seen, as_json, as_text
from backup.engine.checking.sample import EVERYTHING, NOTHING, Amount, Daily, Share
from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.history import say
from backup.engine.repository import Repository
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob


@pytest.fixture
def saved(place: Place) -> Place:
    hand = place.hand()
    hand.save(TREE)
    hand.save(TREE | {"small": b"changed"})
    return place


def why(report: Report) -> list[tuple[str, str]]:
    return [(one.kind.value, one.why) for one in report.problems]


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("sample", [NOTHING, Share(0.4, b"seed"), EVERYTHING])
def test_sound(isolated: bool, role: Role, sample: Share) -> None:
    """A repository nobody touched has nothing to tell, whatever the level, the key and the kind of repository."""
    place = Place(isolated=isolated)
    place.hand().save(TREE)
    place.another().save(TREE)
    report = place.check(sample, role)
    assert (report.sound, report.snapshots, report.level, report.key) == (True, 2, sample.level, role.name.lower())
    assert report.packs_read == (0 if sample is NOTHING else 4 if sample is EVERYTHING else 2)
    assert report.packs == 4


def test_sound_for_an_onlooker(saved: Place) -> None:
    """Without any key, a full check sees that bytes fit names and signatures, and says that it had no key."""
    report = check(saved.onlooker(), EVERYTHING, clock=saved.clock)
    assert (report.sound, report.key, report.snapshots, report.packs_read) == (True, "onlooker", 2, 4)
    with pytest.raises(KeyRefused):
        saved.onlooker().key.signed(b"")


def test_an_onlooker_needs_a_config_that_names_a_master(place: Place) -> None:
    """A first config of which nobody is the master is refused."""
    name = layout.config_name(1)
    raw = place.store.objects[name]
    place.store.objects[name] = raw[: layout.SIZE] + b"\x80" + bytes(64)
    with pytest.raises(Damaged, match="names no master"):
        place.onlooker()


def test_a_key_older_than_the_repository_says_so(saved: Place) -> None:
    """A key derived before a new epoch checks what is older, and refuses to pass over what it can't open."""
    old = saved.keys[Role.VERIFIER]
    saved.rekey()
    assert check(Repository.open(saved.store, old), EVERYTHING, clock=saved.clock).blobs_read > 8
    hand = saved.another()
    hand.save({"new": b"sealed to the new epoch"})
    with pytest.raises(KeyRefused, match="older than what it is to open"):
        check(Repository.open(saved.store, old), EVERYTHING, clock=saved.clock)
    assert saved.check(role=Role.VERIFIER).sound


def test_quick_sees_what_is_gone_or_cut(saved: Place) -> None:
    """Without reading a pack, a quick check finds one that is gone or cut, and names the files it held."""
    [data, *_] = [name for name in saved.store.below("packs") if saved.store.objects[name][4:5] == b"D"]
    saved.store.objects[data] = saved.store.objects[data][:-1]
    report = saved.check(NOTHING)
    [problem] = report.problems
    assert (problem.kind, problem.object) == (Kind.PACK, data)
    assert "bytes instead of" in problem.why
    assert problem.consequence.startswith(f"{len(list(report.files()))} files")
    del saved.store.objects[data]
    [problem] = saved.check(NOTHING).problems
    assert problem.why == "is gone"


def test_quick_reads_no_pack(saved: Place) -> None:
    """A quick check of a sound repository reads no pack, not even a tree."""
    saved.check(NOTHING)
    assert not [name for name in saved.store.read_names if name.startswith("packs")]


def test_quick_doesn_t_see_what_only_reading_shows(saved: Place) -> None:
    """A changed byte in a pack shows when the pack is read and not before."""
    name = saved.store.below("packs")[0]
    raw = saved.store.objects[name]
    saved.store.objects[name] = raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:]
    assert saved.check(NOTHING).sound
    assert not saved.check(EVERYTHING).sound


def test_a_calendar_reads_everything(place: Place) -> None:
    """So many days in a row read every pack once, each day about its share, whenever one begins."""
    hand = place.hand()
    hand.announce(b"", [hand.index([hand.pack(Blob(b"%d" % number))]) for number in range(20)])
    counts = [place.check(Daily(5, today)).packs_read for today in range(20_000, 20_005)]
    assert sum(counts) == 20
    packs = [(number.to_bytes(32, "little"), 1) for number in range(99)]
    read = [pack for today in range(7) for pack in Daily(7, 19 + today).pick(packs)]
    assert sorted(read) == sorted(pack for pack, _ in packs)


def test_samples_are_reproducible() -> None:
    """The same seed draws the same packs, another seed draws others; a share is rounded up and an amount kept."""
    packs = [(bytes([number]) * 32, 100) for number in range(50)]
    assert Share(0.2, b"a").pick(packs) == Share(0.2, b"a").pick(packs[::-1]) != Share(0.2, b"b").pick(packs)
    assert [len(Share(share, b"a").pick(packs)) for share in (0, 0.001, 0.5, 1)] == [0, 1, 25, 50]
    assert [len(Amount(most, b"a").pick(packs)) for most in (1, 100, 950, 10**6)] == [1, 1, 9, 50]


def test_a_damaged_sample_names_files(saved: Place) -> None:
    """A sampled check that meets damage names the files it touches, those of the packs it didn't read aside."""
    [data, *_] = [name for name in saved.store.below("packs") if saved.store.objects[name][4:5] == b"D"]
    raw = saved.store.objects[data]
    saved.store.objects[data] = raw[:230] + bytes([raw[230] ^ 1]) + raw[231:]
    digest = bytes.fromhex(data.rpartition("/")[2])
    report = saved.check(Daily(1 << 60, int.from_bytes(digest[:8], "big") % (1 << 60)))
    assert (report.level, report.packs_read) == (Level.SAMPLED, 1)
    assert list(report.files())


def test_what_was_seen_before(saved: Place) -> None:
    """A check that is handed what an earlier one saw notices when the newest of a row is taken back or exchanged."""
    seen = saved.check().seen
    names = [one.name for one in seen]
    assert [name.partition("/")[0] for name in names] == ["config", "snapshots"]
    newest = next(name for name in names if name.startswith("snapshots"))
    raw = saved.store.objects.pop(newest)
    assert saved.check(NOTHING).sound
    assert why(saved.check(NOTHING, expected=seen)) == [("snapshot", "is gone, though it was there before")]
    saved.store.objects[newest] = raw[:-1] + bytes([raw[-1] ^ 1])
    assert ("snapshot", "isn't the object that was there before") in why(saved.check(NOTHING, expected=seen))


def test_what_was_forgotten_isn_t_missed(saved: Place) -> None:
    """A snapshot that was seen, forgotten by an act and deleted is missed by nobody."""
    seen = saved.check().seen
    repository = saved.open(Role.MASTER)
    last = repository.snapshots()[-1]
    said = Said(time=1, forget=((last.head.author, last.head.sequence, last.id),))
    say(saved.store, repository.config, repository.key, repository.history(), Clear(), said)
    saved.store.delete(last.name)
    report = saved.check(expected=seen)
    assert (report.sound, report.snapshots) == (True, 1)


def test_an_older_config_is_noticed(saved: Place) -> None:
    """Whoever saw a newer config notices an older state, with or without the gap that a clumsy thief leaves."""
    saved.open(Role.MASTER).rekey(now=5)
    saved.open(Role.MASTER).rekey(now=6)
    seen = saved.check(role=Role.MASTER).seen
    del saved.store.objects[layout.config_name(3)]
    assert ("config", "is gone, though it was there before") in why(saved.check(role=Role.MASTER, expected=seen))
    with pytest.raises(Damaged, match="older state"):
        Repository.open(saved.store, saved.keys[Role.READER], seen=3)


def test_a_config_taken_out_of_the_row(saved: Place) -> None:
    """A config that is gone while later ones are there is named."""
    saved.open(Role.MASTER).rekey(now=5)
    del saved.store.objects[layout.config_name(1)]
    assert ("config", "is gone: a later config is there") in why(saved.check(role=Role.MASTER))


def test_a_deleted_middle(saved: Place) -> None:
    """A snapshot taken out of the row leaves a gap that every later check names, with each key and none."""
    name = saved.store.below("snapshots")[0]
    del saved.store.objects[name]
    report = saved.check(NOTHING, Role.LISTER)
    assert [(one.kind, one.object) for one in report.problems] == [(Kind.SNAPSHOT, name)]


def test_a_record_spares_what_was_read_lately(saved: Place, tmp_path: Path) -> None:
    """What was found sound isn't read again until it is too old; what changed meanwhile shows then."""
    path = tmp_path / "record"
    with Record(path, max_age=100, now=1000) as record:
        assert saved.check(record=record).packs_read == 4
    with Record(path, max_age=100, now=1050) as record:
        report = saved.check(record=record)
        assert (report.packs_read, report.packs_passed, report.sound) == (0, 4, True)
    name = saved.store.below("packs")[0]
    saved.store.objects[name] = bytes(len(saved.store.objects[name]))
    with Record(path, max_age=100, now=1100) as record:
        assert saved.check(record=record, sample=EVERYTHING).packs_passed == 4
    with Record(path, max_age=100, now=1101) as record:
        assert not saved.check(record=record).sound
    with Record(path, max_age=100, now=1101) as record:
        report = saved.check(record=record)
        assert (report.packs_read, report.packs_passed, report.sound) == (1, 3, False)


def test_a_clock_that_went_back_makes_nothing_fresh(saved: Place, tmp_path: Path) -> None:
    """A record from the future counts for nothing."""
    with Record(tmp_path / "record", max_age=100, now=10_000) as record:
        saved.check(record=record)
    with Record(tmp_path / "record", max_age=100, now=50) as record:
        assert saved.check(record=record).packs_read == 4


class Stopped(Exception):
    pass


def test_stopped_and_resumed(saved: Place, tmp_path: Path) -> None:
    """A check that is stopped between packs keeps what it has read, and the next one reads the rest."""

    def stop(stage: Stage, done: int, _total: int) -> None:
        if stage is Stage.TREES:
            raise Stopped

    with Record(tmp_path / "record", max_age=100, now=10) as record:
        with pytest.raises(Stopped):
            saved.check(record=record, progress=stop)
        report = saved.check(record=record)
    assert (report.packs_read, report.packs_passed, report.sound) == (0, 4, True)


def test_progress(saved: Place) -> None:
    """Whoever waits hears each stage and how much there is to do."""
    told: list[tuple[Stage, int]] = []
    saved.check(progress=lambda stage, _done, total: told.append((stage, total)))
    assert told[0][0] is Stage.OBJECTS
    assert {(Stage.PACKS, 4), (Stage.TREES, 2)} <= set(told)


def test_json_and_text(saved: Place) -> None:
    """A report is JSON without loss and text for people, also where names aren't Unicode."""
    hand = saved.another()
    data, meta = [], []  # type: ignore[var-annotated]
    hand.tree({"x": b"1"}, data, meta)
    bad = replace(meta[0], content=meta[0].content.replace(b"\xc4\x01x", b"\xc4\x01\xff"))
    root = hand.identify(bad.content, bad.type)
    hand.announce(root, [hand.index([hand.pack(bad)])])
    report = saved.check()
    parsed = json.loads(as_json(report))
    assert parsed["touched"][0]["losses"] == [{"path": "\\xff", "why": report.touched[0].losses[0].why}]
    assert (parsed["sound"], parsed["level"]) == (False, "full")
    assert [Seen(**one) for one in parsed["seen"]] == list(report.seen)
    text = as_text(report)
    assert "NOT SOUND" in text
    assert "\\xff: blob" in text
    assert "2 snapshots are untouched" in text


def test_unused_packs_are_counted_and_read(saved: Place) -> None:
    """Packs of saves that were stopped are no problem, but are read like others (restic: UnreferencedPack)."""
    name = layout.pack_name(saved.another().pack(Blob(b"unused")).name)
    report = saved.check()
    assert (report.sound, report.unused, report.packs) == (True, 1, 5)
    saved.store.objects[name] = saved.store.objects[name][:-1]
    problems = saved.check().problems
    assert {(one.object, one.consequence) for one in problems} == {(name, "no file of a kept snapshot is lost by it")}


def test_a_pack_listed_twice_is_no_problem(place: Place) -> None:
    """Indexes may list a pack twice (restic: DuplicatePacksInIndex); it is read once."""
    hand = place.hand()
    hand.save(TREE)
    hand.announce(b"", [hand.index(hand.packs), hand.index([*hand.packs, *hand.packs])])
    report = place.check()
    assert (report.sound, report.packs_read, report.unused) == (True, 2, 0)


def test_an_index_that_lists_a_part_of_a_pack(place: Place) -> None:
    """An index may leave out what of a pack was moved elsewhere, as a pruner's does."""
    hand = place.hand()
    content = b"still here"
    pack = hand.pack(Blob(b"moved"), Blob(content))
    data, meta = [], []  # type: ignore[var-annotated]
    root = hand.tree({"file": content}, data, meta)
    rest = replace(pack, entries=pack.entries[len(pack.entries) // 2 :])
    hand.announce(root, [hand.index([rest, hand.pack(*meta)])])
    assert place.check().sound


def test_a_blob_stored_twice_has_two_lives(place: Place) -> None:
    """A blob that one damaged pack has lost and another holds is no loss; the pack is a problem all the same."""
    hand = place.hand()
    content = b"kept twice"
    first, second = hand.pack(Blob(content), Blob(b"x")), hand.pack(Blob(content), Blob(b"y"))
    data, meta = [], []  # type: ignore[var-annotated]
    root = hand.tree({"file": content}, data, meta)
    hand.announce(root, [hand.index([first, second, hand.pack(*meta)])])
    for lost in (first, second):
        whole = dict(place.store.objects)
        del place.store.objects[layout.pack_name(lost.name)]
        report = place.check()
        assert (len(report.problems), report.touched) == (1, ())
        place.store.objects = whole


def test_a_condemned_pack_that_nothing_needs_is_no_problem(saved: Place) -> None:
    """Once an act says that a pack goes, nobody misses it; before, a pack that is listed and gone is told."""
    hand = saved.another()
    spare = hand.pack(Blob(b"spare"))
    hand.save(TREE, keep=[hand.index([spare])])
    del saved.store.objects[layout.pack_name(spare.name)]
    assert why(saved.check()) == [("pack", "is gone")]
    repository = saved.open(Role.PRUNER)
    clear = Clear(condemned=frozenset([spare.name]))
    say(saved.store, repository.config, repository.key, repository.history(), clear, Said(time=1))
    report = saved.check()
    assert (report.sound, report.waiting) == (True, 0)
    saved.store.create(layout.pack_name(spare.name), [b"rubbish"])
    report = saved.check()
    assert (report.sound, report.waiting) == (True, 1)


def test_a_pruner_names_files_too(saved: Place) -> None:
    """A pruner's key, which opens no data, still finds damage by the pack's name, and names every file it may touch."""
    [data, *_] = [name for name in saved.store.below("packs") if saved.store.objects[name][4:5] == b"D"]
    saved.store.objects[data] = saved.store.objects[data][:-5] + bytes(5)
    report = saved.check(role=Role.PRUNER)
    assert list(report.files())
    assert {path for _, path in saved.check().files()} <= {path for _, path in report.files()}


def test_a_lister_says_what_it_can_t_tell(saved: Place) -> None:
    """A lister's key finds a damaged pack by its name, and says that which files it touches takes another key."""
    name = saved.store.below("packs")[0]
    saved.store.objects[name] = saved.store.objects[name][:-1] + b"\xff"
    [problem] = saved.check(role=Role.LISTER).problems
    assert "shows to a key that opens trees" in problem.consequence
    del saved.store.objects[saved.store.below("index")[0]]
    assert any(one.why == "is gone" for one in saved.check(NOTHING, Role.LISTER).problems)
