"""F44: a log that is full, slow, or taken away costs lines and nothing else."""

from __future__ import annotations

from pathlib import Path

from audiospective.infra.logfile import LogFile, tail


def test_lines_stand_in_order_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "a.log")
    log.write("one\ntwo")
    log.write("three")
    log.flush()
    assert tail(log.path, most=10) == ["one\\ntwo", "three"]
    assert log.path.stat().st_mode & 0o077 == 0


def test_it_is_bounded_and_older_lines_are_still_found(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log", limit=1_000)
    for number in range(500):
        log.write(f"line {number:04}")
        log.flush()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5 * 1_100
    assert tail(log.path, most=150)[-1] == "line 0499"
    assert len(tail(log.path, most=150)) == 150


def test_rotated_underfoot_it_goes_on(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    log.write("before")
    log.flush()
    log.path.rename(tmp_path / "elsewhere")
    log.write("after")
    log.flush()
    assert log.path.read_text() == "after\n"


def test_a_disk_that_takes_nothing_costs_the_lines_which_are_counted(tmp_path: Path) -> None:
    log = LogFile(Path("/dev/full"))
    log.write("lost")
    log.flush()
    assert log.dropped == 1
    nowhere = LogFile(tmp_path / "file" / "a.log")
    (tmp_path / "file").write_text("no folder")
    nowhere.write("lost")
    nowhere.flush()
    assert nowhere.dropped == 1


def test_a_flood_is_bounded_in_memory(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log", most_waiting=10)
    for number in range(25):
        log.write(str(number))
    log.flush()
    assert (log.dropped, tail(log.path, most=100)[0]) == (15, "15")


def test_it_writes_by_itself_and_what_waits_at_the_end(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    log.start()
    log.write("last words")
    log.close()
    assert tail(log.path, most=1) == ["last words"]


def test_where_there_is_no_log_there_are_no_lines(tmp_path: Path) -> None:
    assert tail(tmp_path / "none", most=5) == []


def test_the_newest_are_read_from_the_end_whatever_their_length(tmp_path: Path) -> None:
    lines = [f"{number} {'é' * (number * 977 % 200_000)}" for number in range(40)]
    (tmp_path / "a.log").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert tail(tmp_path / "a.log", most=100) == lines
    assert tail(tmp_path / "a.log", most=7) == lines[-7:]
    assert tail(tmp_path / "nothing.log", most=7) == []
