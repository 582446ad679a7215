"""The judge of ``make chaos`` is itself on trial: what it is there to find, it finds, and it accuses nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos.doubles import doubles
from benchmarks.chaos.evidence import read_executions, read_requests
from benchmarks.chaos.judge import judge
from benchmarks.chaos.records import OUTAGE, Evidence, Execution, Fault, Passage, Request, Row, Tenure
from benchmarks.chaos.rescues import SLACK, rescues, watched

ONE, TWO = "host-101-aa", "host-102-bb"
BOUND = 10.0


def execution(began: float, ended: float | None, end: str = "ok", worker: str = ONE, nonce: str = "n1") -> Execution:
    return Execution("k", nonce, int(worker.split("-")[1]), worker, began, ended, end if ended else "")


def claim(at: float, worker: str = ONE, rescues: int = 0) -> Passage:
    return Passage(at, "j", "READY", "RUNNING", worker, rescues)


def leaves(at: float, new: str = "SUCCESSFUL", worker: str = ONE, rescues: int = 0) -> Passage:
    return Passage(at, "j", "RUNNING", new, worker, rescues)


def killed(at: float, pid: int = 101) -> Fault:
    return Fault("killed", at, at, frozenset({pid}), frozenset({pid}))


def stopped(began: float, ended: float, pid: int = 101) -> Fault:
    return Fault("stopped", began, ended, frozenset({pid}), frozenset({pid}))


def done(kind: str = "short") -> Evidence:
    """One job, enqueued, run once from 1 to 2 by worker 101, and recorded."""
    return Evidence(
        rescue_bound=BOUND,
        requests=[Request("k", kind, "committed")],
        executions={"k": [execution(1, 2)]},
        rows={"k": [Row("j", "k", "SUCCESSFUL", "n1", attempts=1)]},
        passages={"j": [claim(0.9), leaves(2.1)]},
        effects={"k": ["n1"]} if kind == "transactional" else {},
        tenures=[Tenure(ONE, 0), Tenure(TWO, 0)],
    )


def promises(evidence: Evidence) -> set[str]:
    return {finding.promise for finding in judge(evidence)}


def row_changed(evidence: Evidence, **changes: Any) -> Evidence:
    evidence.rows["k"] = [replace(evidence.rows["k"][0], **changes)]
    return evidence


@pytest.mark.parametrize("kind", ["short", "transactional"])
def test_a_job_that_did_what_it_should_is_no_finding(kind):
    assert judge(done(kind)) == []


def test_a_committed_job_without_a_row_is_lost():
    evidence = done()
    evidence.rows, evidence.executions = {}, {}
    assert promises(evidence) == {"none lost"}


def test_a_job_whose_commit_was_never_answered_may_be_there_or_not():
    evidence = done()
    evidence.requests = [Request("k", "short", "doubted")]
    evidence.faults = [Fault(OUTAGE, 1, 2)]
    assert judge(evidence) == []
    evidence.rows, evidence.executions = {}, {}
    assert judge(evidence) == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [(Fault(OUTAGE, 1, 2), False), (Fault(OUTAGE, 3, 4), True), (Fault("Redis killed", 1, 9), True), (killed(1), True)],
)
def test_a_job_that_could_not_be_enqueued_although_the_database_was_there_is_found(fault, found):
    evidence = done()
    evidence.requests = [Request("k", "short", "doubted", asked=1.5, answered=1.7)]
    evidence.faults = [fault]
    assert ("enqueue needs the database alone" in promises(evidence)) is found


def test_a_job_enqueued_once_that_is_there_twice_is_found():
    evidence = done()
    evidence.rows["k"] *= 2
    assert promises(evidence) == {"none lost"}


@pytest.mark.parametrize("state", ["READY", "RUNNING", "SCHEDULED"])
def test_a_job_that_has_not_ended_is_stuck(state):
    assert promises(row_changed(done(), state=state)) == {"none stuck"}


def test_a_job_that_ended_otherwise_than_its_kind_should_is_found():
    assert promises(row_changed(done(), state="FAILED")) == {"ends as it should"}


def test_a_job_whose_rescues_were_spent_may_have_failed():
    assert judge(row_changed(done(), state="FAILED", rescues=6)) == []


def test_an_attempt_that_was_burnt_is_found():
    assert promises(row_changed(done(), attempts=2)) == {"ends as it should"}


def test_an_outcome_recorded_twice_is_found():
    evidence = done()
    evidence.passages["j"].append(Passage(3, "j", "SUCCESSFUL", "SUCCESSFUL", ONE))
    assert "nothing finished twice" in promises(evidence)


def test_an_outcome_that_a_ghost_recorded_while_the_job_waited_is_found():
    evidence = done()
    evidence.faults = [stopped(1.5, 30)]
    evidence.executions["k"] = [execution(1, 31)]
    evidence.passages["j"] = [
        claim(0.9),
        leaves(12, "SCHEDULED", rescues=1),
        Passage(31, "j", "SCHEDULED", "SUCCESSFUL", ONE, 1),
    ]
    assert promises(evidence) == {"no outcome under a lost lease"}


def test_an_outcome_recorded_after_the_lease_was_lost_is_found():
    evidence = done()
    # Stopped, rescued, claimed by the other; then the first one's result was taken all the same.
    evidence.faults = [stopped(1.5, 30)]
    evidence.executions["k"] = [execution(1, 31), execution(20, 20.5, worker=TWO, nonce="n2")]
    evidence.passages["j"] = [claim(0.9), leaves(12, "READY", rescues=1), claim(19, TWO, 1), leaves(31, rescues=1)]
    assert promises(evidence) == {"no outcome under a lost lease"}
    assert judge(row_changed(evidence, recorded="n2")) == []


def test_an_outcome_of_an_earlier_claim_by_the_same_worker_is_found():
    evidence = done()
    evidence.faults = [Fault(OUTAGE, 1.2, 1.3)]
    evidence.executions["k"] = [execution(1, 2), execution(1.8, 2.5, nonce="n2")]
    evidence.passages["j"] = [claim(0.9), leaves(1.5, "READY"), claim(1.7), leaves(2.6)]
    assert promises(evidence) == {"no outcome under a lost lease"}


def test_a_result_that_no_attempt_returned_is_found():
    assert promises(row_changed(done(), recorded="somebody else's")) == {"no outcome under a lost lease"}


@pytest.mark.parametrize("effects", [[], ["n1", "n1"], ["n1", "n2"]])
def test_an_effect_that_is_missing_or_there_twice_is_found(effects):
    evidence = done("transactional")
    evidence.effects["k"] = effects
    assert promises(evidence) == {"transactional effects exactly once"}


def test_the_effect_of_another_attempt_than_the_recorded_one_is_found():
    evidence = done("transactional")
    evidence.effects["k"] = ["n2"]
    assert promises(evidence) == {"transactional effects exactly once"}


def test_a_job_that_was_rolled_back_and_ran_is_found():
    evidence = done("rolled back")
    evidence.requests = [Request("k", "rolled back", "withdrawn")]
    evidence.rows = {}
    assert promises(evidence) == {"what is rolled back never runs"}


def test_a_job_that_ran_before_it_was_due_is_found():
    evidence = done("scheduled")
    evidence.requests = [Request("k", "scheduled", "committed", due=3600.0)]
    assert promises(evidence) == {"no worker's clock matters"}


class TestDoubles:
    def evidence(self, *executions: Execution, faults: tuple[Fault, ...] = ()) -> Evidence:
        evidence = done()
        evidence.executions["k"] = list(executions)
        evidence.faults = list(faults)
        return evidence

    def test_a_retry_after_a_failure_by_design_is_none(self):
        assert not list(doubles(self.evidence(execution(1, 2, "Snooze"), execution(3, 4, "Planned"), execution(5, 6))))

    @pytest.mark.parametrize(
        "first",
        [execution(1, None), execution(1, 2), execution(1, 5), execution(1, 5, "Planned"), execution(1, 2, "OSError")],
        ids=["without an end", "ended well", "still running", "still running, to fail", "ended by an error"],
    )
    def test_a_second_attempt_without_a_fault_has_no_cause(self, first):
        evidence = self.evidence(first, execution(3, 4, worker=TWO))
        assert [double.cause for double in doubles(evidence)] == [None]
        assert "double executions traceable" in promises(evidence)

    @pytest.mark.parametrize("fault", [killed(1.5), Fault(OUTAGE, 1.5, 2), stopped(0, 2.5), stopped(2.5, 9, 102)])
    def test_a_fault_of_either_worker_or_the_database_in_between_is_a_cause(self, fault):
        evidence = self.evidence(execution(1, None), execution(3, 4, worker=TWO), faults=(fault,))
        assert [double.cause for double in doubles(evidence)] == [fault]

    def test_a_stop_explains_what_the_worker_began_before_it_knew_that_it_was_declared_dead(self):
        evidence = self.evidence(execution(1, 2), execution(3, 4, worker=TWO), faults=(stopped(-20, 0.9),))
        assert [double.cause for double in doubles(evidence)] == evidence.faults

    @pytest.mark.parametrize(
        "fault",
        [killed(0.5), killed(3.5), killed(1.5, 103), Fault("Redis killed", 1, 3), Fault(OUTAGE, 0.1, 0.5)],
        ids=["before", "after", "somebody else", "Redis", "outage before"],
    )
    def test_a_fault_elsewhere_or_at_another_time_is_none(self, fault):
        evidence = self.evidence(execution(1, None), execution(3, 4, worker=TWO), faults=(fault,))
        assert [double.cause for double in doubles(evidence)] == [None]

    def test_a_polite_stop_is_no_cause_when_the_first_ended_well_within_its_grace(self):
        polite = Fault("terminated", 1.5, 20, frozenset({101}), frozenset({101}), grace=2)
        lost = self.evidence(execution(1, 2.9), execution(4, 5, worker=TWO), faults=(polite,))
        assert [double.cause for double in doubles(lost)] == [None]
        outlived = self.evidence(execution(1, 3.1), execution(4, 5, worker=TWO), faults=(polite,))
        assert [double.cause for double in doubles(outlived)] == [polite]


class TestRescues:
    def evidence(self, *passages: Passage, faults: tuple[Fault, ...] = ()) -> Evidence:
        evidence = done()
        evidence.passages["j"] = list(passages)
        evidence.faults = list(faults)
        return evidence

    def test_one_inside_the_bound_is_in_time(self):
        evidence = self.evidence(claim(0.9), leaves(11, "READY", rescues=1), faults=(killed(2),))
        assert [(rescue.waited, rescue.late) for rescue in rescues(evidence)] == [(9, 0)]

    def test_one_after_the_bound_is_late(self):
        evidence = self.evidence(claim(0.9), leaves(20, "READY", rescues=1), faults=(killed(2),))
        assert [rescue.late for rescue in rescues(evidence)] == [20 - (2 + BOUND + SLACK)]
        assert "rescue inside its bound" in promises(evidence)

    def test_one_that_never_came_is_late(self):
        assert "rescue inside its bound" in promises(self.evidence(claim(0.9), faults=(killed(2),)))

    def test_one_that_a_short_stop_made_unnecessary_is_none(self):
        assert not list(rescues(self.evidence(claim(0.9), leaves(6), faults=(stopped(2, 5),))))

    def test_one_that_a_long_stop_made_necessary_and_that_never_came_is_late(self):
        evidence = self.evidence(claim(0.9), leaves(41), faults=(stopped(2, 40),))
        assert [rescue.late > 0 for rescue in rescues(evidence)] == [True]

    def test_what_a_worker_claimed_as_it_went_on_is_not_counted_from_its_stop(self):
        evidence = self.evidence(claim(15.1), leaves(16, "READY", rescues=1), faults=(stopped(1, 15.2),))
        assert [(rescue.cause, rescue.late) for rescue in rescues(evidence)] == [(evidence.faults[0], 0)]

    def test_one_of_a_worker_to_which_nothing_happened_has_no_cause(self):
        evidence = self.evidence(claim(0.9), leaves(5, "READY", rescues=1), faults=(Fault(OUTAGE, 2, 3),))
        assert "no rescue of the living" in promises(evidence)

    def test_the_bound_counts_only_while_somebody_can_watch(self):
        evidence = self.evidence(claim(0.9), leaves(45, "READY", rescues=1), faults=(killed(2), stopped(6, 31, 102)))
        assert (31, float("inf")) in list(watched(evidence))
        assert [rescue.late > 0 for rescue in rescues(evidence)] == [True]
        evidence.passages["j"][1] = leaves(42, "READY", rescues=1)
        assert [rescue.late for rescue in rescues(evidence)] == [0]


def test_marks_become_requests_and_executions():
    asked = [
        {"event": "intended", "key": "a", "kind": "short", "due": None, "at": 1.0},
        {"event": "committed", "key": "a", "at": 2.0},
        {"event": "intended", "key": "b", "kind": "short", "due": None, "at": 3.0},
    ]
    assert [request.fate for request in read_requests(asked)] == ["committed", "doubted"]
    start = {"event": "start", "key": "a", "pid": 101, "worker": ONE}
    ran = [
        start | {"nonce": "n1", "at": 1.0},
        {"event": "end", "nonce": "n1", "at": 2.0, "end": "ok"},
        start | {"nonce": "n2", "at": 3.0},
    ]
    assert [(each.began, each.ended) for each in read_executions(ran)["a"]] == [(1.0, 2.0), (3.0, None)]
