"""Is whoever ends a command told so, whatever the moment, and is what was to be ignored still ignored?"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from coursegrader.cli import commands
from coursegrader.cli.entry import main
from coursegrader.cli.interruption import SIGNALS, Interruption
from coursegrader.errors import GradebookError


@pytest.fixture(autouse=True)
def _as_in_a_terminal() -> Iterator[None]:
    """Have each signal handled as in a terminal: in the background Ctrl-C is ignored, and under nohup its closing."""
    first = {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, first.get(number, signal.SIG_DFL)) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_interrupts_and_the_next_ones_do_not(number: signal.Signals):
    with Interruption() as interruption:
        assert not interruption.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        for other in SIGNALS:
            signal.raise_signal(other)
        assert interruption.asked


def test_afterwards_signals_do_what_they_did_before():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_what_was_ignored_stays_ignored_as_under_nohup():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGHUP)
        assert not interruption.asked


@pytest.mark.parametrize("error", [GradebookError("No row was found"), LookupError("No row was found")], ids=repr)
def test_an_error_that_an_interruption_became_is_told_as_one(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def struck(*_: object) -> int:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise error from None
        return 0

    monkeypatch.setattr(commands, "run", struck)
    assert main(["report", "week"]) == 2
    assert capsys.readouterr().err == "coursegrader report: interrupted; the same command goes on from here\n"
