"""Whether a model may be trained on what its query gives, for all that trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

from scoring.warehouse import Relation
from training.data.project_graph import ProjectGraph
from training.errors import LineageError, PersonalDataError
from training.personal.flow import Flow
from training.personal.uses import problem_of, unknown_names, use_of

_Answer = TypeVar("_Answer")
_flows: WeakKeyDictionary[ProjectGraph, Flow] = WeakKeyDictionary()


def flow_of(graph: ProjectGraph) -> Flow:
    """Return the personal data of a project, which is followed once."""
    if graph not in _flows:
        _flows[graph] = Flow(graph)
    return _flows[graph]


class TrainingCheck:
    """What personal data means to one model.

    Parameters
    ----------
    versions
        The table of the model's versions.
    project
        The compiled project; None for the one that dbt runs.
    """

    def __init__(self, versions: Relation, project: ProjectGraph | None = None) -> None:
        self._versions = versions
        self._project = project

    def reads_personal_data(self) -> bool:
        """Return whether the model's query reads any, whatever it makes of it."""
        return self._answer(lambda graph: graph.find(self._versions).unique_id in flow_of(graph).reached)

    def check(self, columns: Sequence[str]) -> None:
        """Check the columns that the model's query gives.

        Raises
        ------
        training.errors.PersonalDataError
            If one of them holds personal data that the model's block does not allow.
        """

        def problem(graph: ProjectGraph) -> str | None:
            node = graph.find(self._versions)
            use = use_of(node)
            if use is None:
                return None
            carried = flow_of(graph).of(node.unique_id, columns)
            # Where the query is not followed, columns that it reads are allowed.
            return problem_of(use, carried) or (unknown_names(use, columns) if carried.shape else None)

        if sentence := self._answer(problem):
            raise PersonalDataError(sentence)

    def _answer(self, answer: Callable[[ProjectGraph], _Answer]) -> _Answer:
        try:
            if self._project is not None:
                return answer(self._project)
            from training.data.dbt_graph import with_graph  # dbt is not needed to train outside of it

            return with_graph(None, answer)
        except LineageError as error:
            raise PersonalDataError.not_checked(self._versions.name, str(error)) from error
