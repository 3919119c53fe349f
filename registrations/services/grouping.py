"""Who sits with whom: the arithmetic of groups, without tables of a database.

`arrange` seats people so that, in this order: groups are as even as they can be; nobody sits with a facilitator of her
own organisation; as few colleagues as possible share a group; as few people as possible leave the seat they have.
Pinned people stay. It is a flow of least cost, so the answer is the best there is and not merely a good one; among
equally good ones the seed chooses. `fewest_pairs` is what no arrangement can beat, to tell people why colleagues meet.
"""

import random
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

UNREACHED = float("inf")


@dataclass(frozen=True)
class Person:
    """Somebody to be seated. `seat` is the index of the table where she sits now, if it still exists."""

    key: Hashable
    organisation: str = ""
    seat: int | None = None
    is_pinned: bool = False


@dataclass(frozen=True)
class Table:
    """A group to fill, with the organisation of its facilitator."""

    organisation: str = ""


def same_organisation(name: str) -> str:
    """The form in which two spellings of an organisation are equal: case, accents, spaces and punctuation left out."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def arrange(people: Sequence[Person], tables: Sequence[Table], *, seed: int) -> dict[Hashable, int]:
    """The index of the table of every person, by her key. The same people, tables and seed give the same answer."""
    if not people or not tables:
        return {}
    chance = random.Random(seed)  # noqa: S311 (a draw of seats, not a secret)
    drawn = sorted(chance.sample(range(len(people)), len(people)), key=lambda index: not people[index].is_pinned)
    order = chance.sample(range(len(tables)), len(tables))
    # Each weight outdoes everything below it: a move costs 1, a pair of colleagues more than every move, and so on.
    pair = len(people) + 1
    own_facilitator = pair * len(people) ** 2
    uneven = own_facilitator * (len(people) + 1)

    flow = _Flow()
    taken = {}
    for index in drawn:
        person = people[index]
        colleagues = same_organisation(person.organisation) or ("alone", index)
        for table in [person.seat] if person.is_pinned and person.seat is not None else order:
            cost = int(person.seat not in (None, table))
            if colleagues == same_organisation(tables[table].organisation):
                cost += own_facilitator
            place = ("of", colleagues, table)
            taken[index, table] = flow.arc(("person", index), place, cost=cost)
            if place not in flow.arcs_from:
                flow.arc(place, ("table", table), capacity=len(people), rise=pair)
    for table in order:
        flow.arc(("table", table), "end", capacity=len(people), cost=uneven, rise=2 * uneven)
    for index in drawn:
        flow.send(("person", index), "end")
    return {people[index].key: table for (index, table), arc in taken.items() if arc.flow}


def colleague_pairs(seats: Iterable[tuple[str, Hashable]]) -> int:
    """How many pairs of colleagues share a table, from (organisation, table) of everybody seated."""
    counted = Counter((same_organisation(name), table) for name, table in seats if same_organisation(name))
    return sum(number * (number - 1) // 2 for number in counted.values())


def fewest_pairs(organisations: Iterable[str], tables: int) -> int:
    """The number of pairs that no arrangement at so many tables can avoid."""
    return sum(_pairs_of(number, tables) for number in _sizes(organisations).values())


def crowded(organisations: Iterable[str], tables: int) -> list[tuple[str, int]]:
    """The organisations with more people than there are tables, as first written, with their number of people."""
    names = list(organisations)
    spelling: dict[str, str] = {}
    for name in names:
        spelling.setdefault(same_organisation(name), name.strip())
    return [(spelling[key], number) for key, number in _sizes(names).most_common() if number > tables]


def _sizes(organisations: Iterable[str]) -> Counter[str]:
    return Counter(key for name in organisations if (key := same_organisation(name)))


def _pairs_of(people: int, tables: int) -> int:
    each, over = divmod(people, tables)
    return over * (each + 1) * each // 2 + (tables - over) * each * (each - 1) // 2


class _Arc:
    """A way from a node to the next. Each unit sent makes the next one dearer by `rise`."""

    __slots__ = ("capacity", "cost", "end", "flow", "rise", "start")

    def __init__(self, start: Hashable, end: Hashable, capacity: int, cost: int, rise: int):
        self.start, self.end, self.capacity, self.cost, self.rise = start, end, capacity, cost, rise
        self.flow = 0


class _Flow:
    """Least-cost flow by successive shortest paths (Dijkstra with potentials); costs are convex and not negative."""

    def __init__(self) -> None:
        self.arcs_from: dict[Hashable, list[_Arc]] = {}
        self.arcs_to: dict[Hashable, list[_Arc]] = {}
        self.potential: dict[Hashable, int] = {}

    def arc(self, start: Hashable, end: Hashable, *, capacity: int = 1, cost: int = 0, rise: int = 0) -> _Arc:
        arc = _Arc(start, end, capacity, cost, rise)
        self.arcs_from.setdefault(start, []).append(arc)
        self.arcs_to.setdefault(end, []).append(arc)
        return arc

    def send(self, source: Hashable, end: Hashable) -> None:
        """One unit more from `source` to `end`, by the cheapest way, which may push aside units sent before."""
        distance: dict[Hashable, float] = {source: 0}
        came_by: dict[Hashable, tuple[_Arc, int]] = {}
        known = self.potential
        queue: list[tuple[float, int, Hashable]] = [(0, 0, source)]
        entries = 0
        while queue:
            far, _, node = heappop(queue)
            if far > distance[node]:
                continue
            for neighbour, price, step in self._ways(node):
                reached = far + price + known.get(node, 0) - known.get(neighbour, 0)
                if reached < distance.get(neighbour, UNREACHED):
                    distance[neighbour] = reached
                    came_by[neighbour] = step
                    entries += 1
                    heappush(queue, (reached, entries, neighbour))
        farthest = distance[end]
        for node, far in distance.items():
            known[node] = known.get(node, 0) + min(far, farthest) - farthest
        node = end
        while node != source:
            arc, direction = came_by[node]
            arc.flow += direction
            node = arc.start if direction == 1 else arc.end

    def _ways(self, node: Hashable):
        for arc in self.arcs_from.get(node, ()):
            if arc.flow < arc.capacity:
                yield arc.end, arc.cost + arc.rise * arc.flow, (arc, 1)
        for arc in self.arcs_to.get(node, ()):
            if arc.flow:
                yield arc.start, -arc.cost - arc.rise * (arc.flow - 1), (arc, -1)
