"""Write the values of points that lie beyond a scale, in lanes above or below it, so that no two overlap. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqbench.publish.html.plots import svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In units of the drawing.
LANE = 12.0
_FONT_SIZE = svg.FONT_SIZE - 2
# The widest font of a page's list has digits of this width, and `%` is wider.
_LETTER = 0.64 * _FONT_SIZE
_GAP = 3.0
_LEADER_GAP = 4.0
# More would make the plot several times as high; the table under it has the others.
_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """A point beyond the scale: its place on the axis and how far it is out, and its value as text."""

    at: float
    distance: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text from `left` to `right` in a lane, which counts from the scale outwards; a line leads to it from `at`."""

    at: float
    left: float
    right: float
    lane: int
    text: str

    def meets(self, other: "Label") -> bool:
        """Return whether two texts overlap."""
        return self.lane == other.lane and self.left < other.right and other.left < self.right

    def crosses(self, other: "Label") -> bool:
        """Return whether the line to this text runs through another one."""
        return self.lane >= other.lane and other.left < self.at < other.right


def arrange(points: Sequence[Beyond], width: float) -> tuple[Label, ...]:
    """Place the text of each point beside the line that leads to it; no two texts overlap.

    `at` of each point is between 0 and `width`. Of many points the farthest are labelled. Texts are to the right of
    their points up to a place, and to the left of them after it: the place at which the fewest lines run through a
    text, mostly none, and the texts take the fewest lanes.
    """
    farthest = sorted(points, key=lambda point: -point.distance)[:_MOST]
    ordered = sorted(farthest, key=lambda point: point.at)
    tried = [_placed(ordered[:split], ordered[split:], width) for split in range(len(ordered) + 1)]
    return min(tried, key=lambda labels: (_crossings(labels), lanes(labels)))


def lanes(labels: Sequence[Label]) -> int:
    """Return how many lanes the texts take."""
    return max((label.lane + 1 for label in labels), default=0)


def write_labels(axes: "Axes", labels: Sequence[Label], edge: float, lane_height: float, width: float) -> None:
    """Write texts beyond the edge of a scale.

    Parameters
    ----------
    edge : float
        The value at which the first lane begins.
    lane_height : float
        The height of a lane in values; below zero for lanes under the scale.
    width : float
        The width of the axes in units of the drawing.
    """
    low, high = axes.get_xlim()
    unit = (high - low) / width
    for label in labels:
        x = low + label.at * unit
        y = edge + (label.lane + 0.5) * lane_height
        begin = edge - (LANE - _LEADER_GAP) / LANE * lane_height / 2
        axes.plot([x, x], [begin, y], color=svg.MUTED, linewidth=0.7, clip_on=False)
        is_right = label.left >= label.at
        at = low + (label.left if is_right else label.right) * unit
        side = "left" if is_right else "right"
        axes.text(at, y, label.text, va="center_baseline", ha=side, color=svg.MUTED, fontsize=_FONT_SIZE)


def _placed(before: Sequence[Beyond], after: Sequence[Beyond], width: float) -> tuple[Label, ...]:
    """Place texts to the right of the points `before`, and to the left of those `after`, from the middle outwards."""
    placed: list[Label] = []
    for point, is_right in (*((point, True) for point in reversed(before)), *((point, False) for point in after)):
        # One lane more than there are texts, so that one is free.
        tried = [_label(point, lane, width, is_right=is_right) for lane in range(len(placed) + 1)]
        free = [label for label in tried if not any(label.meets(other) for other in placed)]
        clear = [label for label in free if not any(label.crosses(other) or other.crosses(label) for other in placed)]
        placed.append((clear or free)[0])
    return tuple(placed)


def _crossings(labels: Sequence[Label]) -> int:
    """Return how often a line runs through a text; a text that had to be moved may lie on its own line."""
    return sum(one.crosses(other) for one in labels for other in labels)


def _label(point: Beyond, lane: int, width: float, *, is_right: bool) -> Label:
    length = len(point.text) * _LETTER
    left = point.at + _GAP if is_right else point.at - _GAP - length
    # A text that fits on neither side is moved onto the drawing.
    left = max(0.0, min(left, width - length))
    return Label(at=point.at, left=left, right=left + length, lane=lane, text=point.text)
