"""Where the boxes of a drawn program stand: in layers, each below the boxes that it depends on.

Arrows that pass a layer have a lane of their own in it, so that no arrow crosses a box; one lane serves all arrows from
one box. The order within a layer is the one in which few arrows cross, as barycentres find it (Sugiyama, Tagawa and
Toda, 1981). Nothing is drawn here.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping, Sequence

import numpy as np

__all__ = ["Layers", "crossings"]

_WIDEST = 10.0  # inches of boxes side by side
_GAP, _AISLE, _LANE = 0.22, 0.5, 0.1  # between boxes, between layers; and the width of a lane
_PULL, _CENTRE, _TURNS, _ROUNDS = 3.0, 0.15, 100, 3  # of the search for places


class Layers:
    """The places of boxes, in inches: `places` has left, bottom, width and height of each, `way` the arrows."""

    def __init__(
        self, sizes: Mapping[str, tuple[float, float]], edges: Iterable[tuple[str, str]], ends: Container[str]
    ) -> None:
        """Find the layers, the order in each, and then the places.

        `sizes` has the width and height of each box, `edges` go from one to another without circles, and `ends`
        stand at the bottom.
        """
        self.boxes = list(sizes)
        self.sizes = dict(sizes)
        unique = list(dict.fromkeys(edges))
        self.depth = self._depths(unique, ends)
        layers: list[list[str]] = [[] for _ in range(max(self.depth.values(), default=0) + 1)]
        for name, depth in self.depth.items():
            layers[depth].append(name)
        self.links: list[tuple[str, str]] = []  # between neighbouring layers, from boxes and lanes to such
        for start in self.boxes:
            stops = [self.depth[end] for first, end in unique if first == start]
            for depth in range(self.depth[start] + 1, max(stops, default=0)):
                lane = _lane(start, depth)
                self.sizes[lane] = (_LANE, 0.0)
                layers[depth].append(lane)
                self.links.append((_lane(start, depth - 1) if depth - 1 > self.depth[start] else start, lane))
            self.links += [(self._before(start, end), end) for first, end in unique if first == start]
        self.layers = _ordered(layers, self.links)
        order = {name: i for i, name in enumerate(self.boxes)}
        rows = ([order[name] for name in layer if name in order] for layer in self.layers)
        if sum((a > b) - (a < b) for row in rows for a, b in itertools.combinations(row, 2)) > 0:
            self.layers = [layer[::-1] for layer in self.layers]  # the mirror image is more in the order that was given
        self._place()

    def _depths(self, edges: Iterable[tuple[str, str]], ends: Container[str]) -> dict[str, int]:
        """Number the layers: boxes stand below their inputs, what has no inputs above its first user, the ends last.

        A layer holds as much as fits side by side.
        """
        users: dict[str, list[str]] = {name: [] for name in self.boxes}
        inputs: dict[str, list[str]] = {name: [] for name in self.boxes}
        for start, end in edges:
            users[start].append(end)
            inputs[end].append(start)
        depth: dict[str, int] = {}
        filled: dict[int, float] = {}

        def put(name: str, layer: int, step: int) -> None:
            width = self.sizes[name][0] + _GAP
            while filled.get(layer, 0.0) and filled[layer] + width > _WIDEST:
                layer += step
            depth[name] = layer
            filled[layer] = filled.get(layer, 0.0) + width

        def visit(name: str) -> None:
            for before in inputs[name]:
                if before not in depth and inputs[before]:
                    visit(before)
            put(name, 1 + max((depth.get(before, 0) for before in inputs[name]), default=0), 1)

        for name in self.boxes:
            if name not in depth and inputs[name] and name not in ends:
                visit(name)
        bottom = 1 + max(depth.values(), default=0)
        for name in sorted(depth, key=depth.__getitem__, reverse=True):
            if users[name] and all(not inputs[before] and users[before] == [name] for before in inputs[name]):
                filled[depth[name]] -= self.sizes[name][0] + _GAP  # it needs nothing from above, so it can wait
                put(name, max(depth[name], min(depth.get(user, bottom) for user in users[name]) - 1), -1)
        for name in self.boxes:
            if name in ends:
                put(name, bottom, 1)
        for name in self.boxes:
            if name not in depth:
                put(name, min((depth[user] for user in users[name]), default=1) - 1, -1)
        top = min(depth.values(), default=0)
        return {name: layer - top for name, layer in depth.items()}

    def _before(self, start: str, end: str) -> str:
        """Name what an arrow leaves from just above its end: the start itself, or the start's lane there."""
        return start if self.depth[end] == self.depth[start] + 1 else _lane(start, self.depth[end] - 1)

    def _place(self) -> None:
        """Move everything sideways so that links are short and lanes straight, as far as the order lets it.

        Distances count by their squares, and in later rounds more and more by themselves, so that a long way has few
        bends. The sum is smallest by the alternating direction method of multipliers: a linear system, and by turns
        the rows that are nearest to its solution and leave everything its room.
        """
        names = [name for layer in self.layers for name in layer]
        place = {name: i for i, name in enumerate(names)}
        starts, ends = (np.array([place[link[side]] for link in self.links], int) for side in (0, 1))
        weights = np.array([(1.0, 2.0, 8.0)[sum(name not in self.boxes for name in link)] for link in self.links])
        rows = [[place[name] for name in layer] for layer in self.layers]
        rooms = [_rooms([self.sizes[name][0] for name in layer]) for layer in self.layers]
        apart = np.zeros(len(names))
        for _ in range(_ROUNDS):
            near = weights / np.maximum(np.abs(apart[starts] - apart[ends]), 0.05) ** bool(apart.any())
            system = np.eye(len(names)) * (_PULL + _CENTRE)
            np.add.at(system, ([starts, ends, starts, ends], [starts, ends, ends, starts]), [near, near, -near, -near])
            inverse = np.linalg.inv(system) * _PULL
            excess = np.zeros(len(names))
            for _ in range(_TURNS):
                wanted = inverse @ (apart - excess)
                for row, room in zip(rows, rooms, strict=True):
                    apart[row] = _apart(wanted[row] + excess[row], room)
                excess += wanted - apart
        middles = dict(zip(names, map(float, apart), strict=True))
        left = min((middle - self.sizes[name][0] / 2 for name, middle in middles.items()), default=0.0)
        self.width = max((middle + self.sizes[name][0] / 2 for name, middle in middles.items()), default=0.0) - left
        heights = [max((self.sizes[name][1] for name in layer), default=0.0) for layer in self.layers]
        self.height = sum(heights) + _AISLE * (len(heights) - 1)
        self.bands: list[tuple[float, float]] = []  # bottom and top of each layer
        top = self.height
        for height in heights:
            self.bands.append((top - height, top))
            top -= height + _AISLE
        self.middles = {name: middle - left for name, middle in middles.items()}
        self.places: dict[str, tuple[float, float, float, float]] = {}  # left, bottom, width, height
        for name in self.boxes:
            width, height = self.sizes[name]
            bottom, top = self.bands[self.depth[name]]
            self.places[name] = (self.middles[name] - width / 2, (bottom + top - height) / 2, width, height)

    def way(self, start: str, end: str, leaves: float, arrives: float) -> list[tuple[float, float]]:
        """List the points of an arrow between two heights: straight down in each layer, with bends in between."""
        points = [(self.middles[start], leaves), (self.middles[start], self.bands[self.depth[start]][0])]
        for depth in range(self.depth[start] + 1, self.depth[end]):
            x = self.middles[_lane(start, depth)]
            points += [(x, self.bands[depth][1]), (x, self.bands[depth][0])]
        arrivals = sorted({before for before, after in self.links if after == end}, key=self.middles.__getitem__)
        share = (arrivals.index(self._before(start, end)) + 1) / (len(arrivals) + 1) - 0.5
        x = self.middles[end] + 0.7 * share * self.sizes[end][0]
        return [*points, (x, self.bands[self.depth[end]][1]), (x, arrives)]


def _lane(start: str, depth: int) -> str:
    return f"{start} through {depth}"


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _ordered(layers: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Sort each layer by the mean place of the neighbours above, then below, and so on; keep the best order seen."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for start, end in links:
        above.setdefault(end, []).append(start)
        below.setdefault(start, []).append(end)
    now = [list(layer) for layer in layers]
    best, fewest = [list(layer) for layer in now], crossings(now, links)
    for turn in range(24):
        near, way = (above, now) if turn % 2 == 0 else (below, now[::-1])
        rank = {name: float(place) for layer in now for place, name in enumerate(layer)}
        for layer in way:
            wanted = {name: _mean([rank[other] for other in near.get(name, [name])]) for name in layer}
            layer.sort(key=wanted.__getitem__)
            rank.update((name, float(place)) for place, name in enumerate(layer))
        swapped = True
        while swapped:
            swapped = sum(_swapped(layer, rank, [above, below]) for layer in now) > 0
        if (count := crossings(now, links)) < fewest:
            best, fewest = [list(layer) for layer in now], count
    return best


def _swapped(layer: list[str], rank: dict[str, float], near: Sequence[Mapping[str, Sequence[str]]]) -> bool:
    """Swap neighbours in a layer whose links cross less often then; say whether there were such."""
    swapped = False
    for i, (left, right) in enumerate(itertools.pairwise(list(layer))):
        left = layer[i]
        gain = 0
        for others in near:
            pairs = itertools.product(others.get(left, ()), others.get(right, ()))
            gain += sum((rank[a] > rank[b]) - (rank[a] < rank[b]) for a, b in pairs)
        if gain > 0:
            layer[i : i + 2] = right, left
            rank[left], rank[right] = i + 1.0, float(i)
            swapped = True
    return swapped


def crossings(layers: Sequence[Sequence[str]], links: Iterable[tuple[str, str]]) -> int:
    """Count the pairs of links that cross between neighbouring layers.

    >>> crossings([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "c")])
    1
    """
    place = {name: (depth, x) for depth, layer in enumerate(layers) for x, name in enumerate(layer)}
    between: dict[int, list[tuple[int, int]]] = {}
    for start, end in links:
        between.setdefault(place[start][0], []).append((place[start][1], place[end][1]))
    pairs = (pair for group in between.values() for pair in itertools.combinations(group, 2))
    return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in pairs)


def _rooms(widths: Sequence[float]) -> list[float]:
    """Place a row from the left, as narrow as it may be; between lanes there is less of a gap."""
    places = [0.0][: len(widths)]
    for a, b in itertools.pairwise(widths):
        places.append(places[-1] + (a + b) / 2 + (_GAP if max(a, b) > _LANE else _GAP / 2))
    return places


def _apart(wanted: Iterable[float], rooms: Iterable[float]) -> list[float]:
    """Place a row as near as possible to where its parts want to be (least squares), and none too near to another.

    Without the room that they take, they must only keep their order: those that do not are pooled at their mean.

    >>> _apart([1.0, 1.0, 9.0], [0.0, 2.0, 4.0])
    [0.0, 2.0, 9.0]
    """
    rooms = list(rooms)
    pools: list[tuple[float, int]] = []
    for middle, room in zip(wanted, rooms, strict=True):
        pools.append((middle - room, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    flat = [middle for middle, count in pools for _ in range(count)]
    return [middle + room for middle, room in zip(flat, rooms, strict=True)]
