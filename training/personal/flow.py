"""Where personal data flows in a project: from the columns that are marked, through every query that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from threading import RLock
from typing import Any

from training.data.project_graph import ProjectGraph
from training.errors import LineageError
from training.personal.carried import (
    ANY,
    DECLARED,
    MARKED,
    NAMED_AFTER_VALUES,
    NOTHING,
    OF_VERSIONS,
    QUARANTINE,
    RAW_ROW,
    Carried,
    Trace,
    Traces,
    at,
    has_query,
    names_one,
    pattern,
)
from training.personal.marks import Marks, marks_of, meta_of
from training.personal.query import UNKNOWN, NotFollowedError, follow
from training.personal.rows import COPIED, DERIVED, MASKED, NONE, NOT_FOLLOWED, UNNAMED, Origin, Origins, Rows


class Flow:
    """The personal data of a project.

    Parameters
    ----------
    graph
        The project.
    """

    def __init__(self, graph: ProjectGraph) -> None:
        self._graph = graph
        self.marks: dict[str, Marks] = {
            unique_id: marks
            for unique_id, node in graph.nodes.items()
            if (marks := marks_of(node)) != Marks()
        }
        self._carried: dict[str, Carried] = {}
        self._path: list[str] = []
        self._one_at_a_time = RLock()

    @cached_property
    def reached(self) -> frozenset[str]:
        """The ids of all nodes that read personal data at one or more removes, or hold it."""
        reached = {unique_id for unique_id, marks in self.marks.items() if marks.personal}
        if any("raw_contract" in meta_of(self._graph.nodes[each]) for each in reached):
            reached |= {QUARANTINE} & self._graph.nodes.keys()
        while True:
            names = pattern(self._graph.relations[each] for each in reached)
            grown = {
                unique_id
                for unique_id, node in self._graph.nodes.items()
                if unique_id not in reached and (reached & {*node.depends_on_nodes} or names_one(node, names))
            }
            if not grown:
                return frozenset(reached)
            reached |= grown

    def of(self, unique_id: str, columns: Sequence[str] | None = None) -> Carried:
        """Return the personal data of a node: of its relation or, of a model or monitor, of what its query gives.

        Parameters
        ----------
        unique_id
            The node.
        columns
            The columns that its query gives; None where the relation has them, or nothing.
        """
        with self._one_at_a_time:
            if unique_id not in self._carried:
                self._path.append(unique_id)
                try:
                    self._carried[unique_id] = self._visited(self._graph.nodes[unique_id], columns)
                finally:
                    self._path.pop()
            return self._carried[unique_id]

    def _visited(self, node: Any, columns: Sequence[str] | None) -> Carried:
        unique_id = node.unique_id
        marks = self.marks.get(unique_id, Marks())
        if unique_id not in self.reached:
            return NOTHING
        relation = self._graph.relations[unique_id]
        in_table = columns if columns is not None else self._columns(unique_id)
        traces: dict[str, Traces] = {}
        rest: Traces = ()
        shape: Rows | None = None
        inputs: tuple[tuple[str, str, Traces], ...] = ()
        if unique_id == QUARANTINE:
            traces = {RAW_ROW: self._quarantined(f"{relation.name}.{RAW_ROW}")}
        elif has_query(node):
            try:
                shape = follow(self._graph.compiled(node), self._reader(node))
            except (NotFollowedError, LineageError):
                inputs = tuple(self._inputs(node))
                rest = self._unfollowed(node, f"{relation.name}.{ANY}")
            else:
                traces, rest = self._traces(shape, relation.name, in_table)
        elif node.resource_type not in ("seed", "source"):
            inputs = tuple(self._inputs(node))
            rest = self._unfollowed(node, f"{relation.name}.{ANY}")
        is_pivoted = shape is not None and self._is_pivoted(node)
        if rest and is_pivoted:
            traces[NAMED_AFTER_VALUES] = rest
        elif in_table and rest:
            listed = {name.lower() for name in traces} | (set(shape.columns) if shape is not None else set())
            traces |= {
                name: at(rest, f"{relation.name}.{name}") for name in in_table if name.lower() not in listed
            }
            rest = ()
        carried = self._with_marks(marks, relation.name, traces, rest, shape, inputs, in_table)
        return replace(carried, is_named_after_values=is_pivoted)

    def _is_pivoted(self, node: Any) -> bool:
        """Return whether names of columns may be values, because of the node's query or of one that it reads."""
        before = (self._carried.get(each, NOTHING) for each in node.depends_on_nodes)
        return "pivot" in self._graph.compiled(node).lower() or any(
            each.is_named_after_values for each in before
        )

    def _with_marks(
        self,
        marks: Marks,
        relation: str,
        traces: Mapping[str, Traces],
        rest: Traces,
        shape: Rows | None,
        inputs: tuple[tuple[str, str, Traces], ...],
        in_table: Sequence[str] | None,
    ) -> Carried:
        """Return what is personal once the relation's own marks are read."""
        columns: dict[str, Traces] = {}
        hidden: list[tuple[str, Trace]] = []
        for name, all_traces in traces.items():
            plain = tuple(each for each in all_traces if not each.how.startswith(MASKED))
            if name.lower() in marks.impersonal:
                hidden += [(name, Trace(each.path, DECLARED)) for each in plain]
                plain = ()
            if plain:
                columns[name] = plain
            else:
                hidden += [(name, each) for each in all_traces if each.how.startswith(MASKED)]
        spelled = {name.lower() for name in columns}
        for key, name in marks.personal.items():
            if key not in spelled:
                columns[name] = (Trace((f"{relation}.{name}",), MARKED),)
        there = {name.lower() for name in in_table or ()}
        absent = [name for key, name in marks.personal.items() if there and key not in there]
        open_rest = tuple(each for each in rest if not each.how.startswith(MASKED))
        return Carried(columns, open_rest, tuple(hidden), shape, inputs, tuple(absent))

    def _traces(
        self, shape: Rows, relation: str, in_table: Sequence[str] | None
    ) -> tuple[dict[str, Traces], Traces]:
        """Return how personal columns came to those of a query, and to any that are not known by name."""
        names = [name for name, _ in shape.pairs()]
        if in_table and shape.rest is None and len(in_table) == len(names):
            # A contract may order the others in another way; it has none without a name.
            names = [
                there if name.startswith(UNNAMED) else name
                for name, there in zip(names, in_table, strict=True)
            ]
        traces: dict[str, Traces] = {}
        unnamed: Origins = shape.rest or NONE
        for name, origins in zip(names, shape.columns.values(), strict=True):
            if name.startswith(UNNAMED):
                unnamed |= origins
            elif extended := self._extended(origins, f"{relation}.{name}"):
                traces[name] = extended
        return traces, self._extended(unnamed, f"{relation}.{ANY}")

    def _extended(self, origins: Origins, place: str) -> Traces:
        """Return the traces of columns, continued to another one; the shortest of each source."""
        best: dict[tuple[str, bool], Trace] = {}
        for origin in sorted(origins):
            carried = self._carried[origin.relation]
            before = (
                carried.rest
                if origin.column == ANY
                else next((t for n, t in carried.columns.items() if n.lower() == origin.column), ())
            )
            for trace in before:
                how = origin.how
                if how == COPIED and trace.how in (DERIVED, NOT_FOLLOWED):
                    how = trace.how
                made = Trace((*trace.path, place), how)
                key = (trace.path[0], how.startswith(MASKED))
                if key not in best or len(made.path) < len(best[key].path):
                    best[key] = made
        return tuple(best.values())

    def _reader(self, node: Any) -> Callable[[tuple[str, ...]], Rows | None]:
        places = self._graph.places(node)

        def read(parts: tuple[str, ...]) -> Rows | None:
            unique_id = places.get(parts)
            return None if unique_id is None else self._rows(unique_id)

        return read

    def _rows(self, unique_id: str) -> Rows:
        """Return a relation as a query that reads it sees it."""
        node = self._graph.nodes[unique_id]
        if unique_id in self._path or getattr(node.config, "materialized", None) in OF_VERSIONS:
            return UNKNOWN
        if unique_id not in self.reached:
            in_table = self._columns(unique_id)
            return UNKNOWN if in_table is None else Rows.of((name, NONE) for name in in_table)
        carried = self.of(unique_id)
        personal = {name.lower(): name for name in carried.columns if name != NAMED_AFTER_VALUES}
        if carried.shape is not None and carried.shape.columns:
            names, is_open = [name for name, _ in carried.shape.pairs()], carried.shape.rest is not None
        else:
            in_table = self._columns(unique_id)
            names, is_open = list(in_table or ()), in_table is None
        absent = [name for key, name in personal.items() if key not in {each.lower() for each in names}]
        pairs = [
            (name, frozenset({Origin(unique_id, name.lower())}) if name.lower() in personal else NONE)
            for name in [*names, *absent]
        ]
        any_column = frozenset({Origin(unique_id, ANY)}) if carried.rest else NONE
        named = [(name, any_column if name.startswith(UNNAMED) else origins) for name, origins in pairs]
        return Rows.of(named, any_column if is_open or carried.rest or absent else None)

    def _unfollowed(self, node: Any, place: str) -> Traces:
        """Return the traces of every personal column that a node reads, to any column of it."""
        best: dict[str, Trace] = {}
        for unique_id in self._read_by(node):
            carried = self.of(unique_id)
            for trace in [*(each for traces in carried.columns.values() for each in traces), *carried.rest]:
                made = Trace((*trace.path, place), NOT_FOLLOWED)
                if trace.path[0] not in best or len(made.path) < len(best[trace.path[0]].path):
                    best[trace.path[0]] = made
        return tuple(best.values())

    def _inputs(self, node: Any) -> Iterator[tuple[str, str, Traces]]:
        for unique_id in self._read_by(node):
            carried, relation = self.of(unique_id), self._graph.relations[unique_id].name
            yield from ((relation, name, traces) for name, traces in carried.columns.items())
            if carried.rest:
                yield relation, ANY, carried.rest

    def _read_by(self, node: Any) -> Iterable[str]:
        """Return the ids of the nodes with personal data that a node reads, as far as they can be seen."""
        named = [each for each in self.reached if names_one(node, pattern([self._graph.relations[each]]))]
        return [
            each
            for each in dict.fromkeys([*node.depends_on_nodes, *named])
            if each in self.reached and each not in self._path
        ]

    def _quarantined(self, place: str) -> Traces:
        return tuple(
            Trace((f"{self._graph.relations[unique_id].name}.{name}", place), DERIVED)
            for unique_id, marks in self.marks.items()
            if "raw_contract" in meta_of(self._graph.nodes[unique_id])
            for name in marks.personal.values()
        )

    def _columns(self, unique_id: str) -> list[str] | None:
        """Return the columns of a relation; None where it is not there."""
        if getattr(self._graph.nodes[unique_id].config, "materialized", None) in OF_VERSIONS:
            return None
        relation = self._graph.relations[unique_id]
        columns = self._graph.columns([relation]).get(relation.name)
        return list(columns) if columns else None
