"""What lies over or beside lesions in real images: hair, rulers, ink, gel bubbles, the edge of the lens."""

import numpy as np

from annotriage.datasets.synthesis.fields import Field, Strokes, bezier, coordinates, paint, sigmoid, smooth_noise
from annotriage.datasets.synthesis.plan import Plan


def add_nuisances(rng: np.random.Generator, rgb: Field, plan: Plan, centre: tuple[float, float]) -> None:
    """Draw a plan's nuisances over an image (H, W, 3), in place; `centre` is the lesion's, y and x."""
    if plan.ink:
        _ink(rng, rgb, plan, np.array(centre))
    if plan.ruler:
        _ruler(rng, rgb)
    if plan.hairs:
        _hair(rng, rgb, plan.hairs)
    if plan.bubbles:
        _bubbles(rng, rgb)
    if plan.dark_corners:
        _dark_corners(rng, rgb)


def _size(rgb: Field) -> tuple[int, int]:
    return rgb.shape[0], rgb.shape[1]


def _hair(rng: np.random.Generator, rgb: Field, count: int) -> None:
    strokes = Strokes(_size(rgb))
    main = rng.uniform(0, np.pi)
    thick = rng.uniform(0.0035, 0.007)
    for _ in range(count):
        angle = main + rng.normal(0, 0.5)
        along = np.array([np.sin(angle), np.cos(angle)])
        middle = rng.uniform(-0.55, 0.55, 2)
        half = rng.uniform(0.2, 0.7) * along
        bend = middle + rng.normal(0, 0.16, 2)
        strokes.line(bezier(middle - half, bend, middle + half), thick * rng.uniform(0.5, 1.2), rng.uniform(0.55, 0.95))
    colour = rng.choice(np.array([[30, 22, 22], [60, 38, 30], [95, 70, 50]]))
    paint(rgb, strokes.mask(), colour)


def _ruler(rng: np.random.Generator, rgb: Field) -> None:
    strokes = Strokes(_size(rgb))
    angle = rng.choice([0.0, rng.normal(0, 0.08), rng.uniform(-0.9, 0.9)])
    along, across = np.array([np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), np.sin(angle)])
    length = rng.uniform(0.5, 0.7)
    start = across * rng.uniform(-0.44, -0.36) - along * (length / 2 + rng.normal(0, 0.03))
    strokes.line(np.array([start, start + along * length]), 0.003)
    for tick in range(11):
        foot = start + along * length * tick / 10
        strokes.line(np.array([foot, foot + across * (0.022 if tick % 5 else 0.032)]), 0.003)
    letter = np.array([[0, 0], [0.024, 0], [0.012, 0.008], [0.024, 0.016], [0, 0.016]])  # an M, drawn across and along
    for place in (0.0, 0.022):
        corner = start - across * 0.035 + along * place
        strokes.line(corner + letter[:, :1] * across + letter[:, 1:] * along, 0.003)
    paint(rgb, strokes.mask() * np.float32(rng.uniform(0.6, 0.9)), rng.normal(45, 8, 3))


def _ink(rng: np.random.Generator, rgb: Field, plan: Plan, centre: np.ndarray) -> None:
    """Draw the frayed purple trace of a skin marker: around the lesion, or apart near the image's edge."""
    around = plan.ink >= 0.3
    strokes = Strokes(_size(rgb))
    if around:
        begin, sweep = rng.uniform(0, 2 * np.pi), 2 * np.pi * plan.ink
        angles = np.linspace(begin, begin + sweep, 80)
        away = max(plan.radius, 0.05) * rng.uniform(0.95, 1.5) + 0.02
        path = centre + away * np.column_stack([np.sin(angles), np.cos(angles)])
    else:
        angle = rng.uniform(0, 2 * np.pi)
        far = 0.46 * np.array([np.sin(angle), np.cos(angle)])
        path = bezier(far + rng.normal(0, 0.05, 2), far * 1.1, far + rng.normal(0, 0.1, 2), 40)
    spread = rng.uniform(0.008, 0.022)
    for point in path:
        for _ in range(7):
            begin = point + rng.normal(0, spread, 2)
            strokes.line(np.array([begin, begin + rng.normal(0, 0.014, 2)]), 0.0035, rng.uniform(0.4, 0.9))
    worn = sigmoid(np.float32(1.5) + np.float32(2) * smooth_noise(rng, _size(rgb), 0.05))
    colour = rng.choice(np.array([[95, 60, 160], [120, 80, 170], [85, 70, 110]])) + rng.normal(0, 6, 3)
    paint(rgb, strokes.mask() * worn, colour)


def _bubbles(rng: np.random.Generator, rgb: Field) -> None:
    bright, dark = Strokes(_size(rgb)), Strokes(_size(rgb))
    for _ in range(int(rng.integers(3, 12))):
        at, radius = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.004, 0.016)
        dark.ring(at, radius + 0.002, 0.003, 0.3)
        bright.ring(at, radius, 0.002, 0.5)
        bright.ring(at - radius * 0.4, 0.002, 0.003, 0.9)
    paint(rgb, dark.mask(), (60.0, 45.0, 45.0))
    paint(rgb, bright.mask(), (255.0, 250.0, 248.0))


def _dark_corners(rng: np.random.Generator, rgb: Field) -> None:
    y, x = coordinates(_size(rgb))
    reach = rng.uniform(0.58, 0.68)
    inside = sigmoid((np.float32(reach) - np.hypot(y - np.float32(rng.normal(0, 0.02)), x)) / np.float32(0.008))
    rgb *= (np.float32(0.06) + np.float32(0.94) * inside)[..., None]
