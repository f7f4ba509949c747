"""What notebooks show: HTML that is complete in itself, escaped, and legible on light and dark pages."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import spatium as sp
from spatium import analysis, nn

HOSTILE = "<script>alert(1)</script> & \"'"


class Parser(HTMLParser):
    """Collects the text and the elements, and checks that they are balanced and have only known attributes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts, self.tips = [], [], [], []

    def handle_starttag(self, tag, attrs):
        assert {name for name, _ in attrs} <= {"class", "style", "title", "scoped"}, attrs
        self.elements.append((tag, dict(attrs)))
        self.tips += [value for name, value in attrs if name == "title"]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)


def parsed(shown):
    text = shown._repr_html_()
    assert not re.search(r"https?:|url\(|@import|src=|href=", text)
    parser = Parser()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    assert {tag for tag, _ in parser.elements} <= {
        *("div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "p", "br", "strong"),
    }
    return parser


def used_map():
    amap = sp.ActivationMap.random(rng=0)
    amap[0, 0] = sp.Custom(np.square, name=HOSTILE)
    amap(np.ones(1000), np.arange(1000) * 37)
    return amap


NETWORK = nn.Network(
    [nn.Dense(3, 4, sp.Custom(np.square, lambda x: 2 * x, name=HOSTILE), rng=0), nn.Dense(4, 2, rng=0), nn.Softmax()],
    classes=[HOSTILE, "other"],
    pattern_hash=sp.SimHash(3, rng=0),
)

SHOWN = {
    "map": (used_map(), ["1000 hits", "Softplus", HOSTILE]),
    "map without hits": (sp.ActivationMap.uniform("gelu"), ["0 hits", "GELU"]),
    "map of neurons": (sp.ActivationMap.random(50, rng=0), ["shape (50,)", "most frequent function of each cell"]),
    "statistics": (used_map().statistics(), ["1000 hits", "chi-square", "hits per cell"]),
    "statistics of an unused map": (sp.ActivationMap.random(rng=0).statistics(), ["there are no statistics yet"]),
    "table": (analysis.Table(HOSTILE, ("a_b", HOSTILE), [(HOSTILE, 1.5)], [HOSTILE]), ["a b", "1.5", HOSTILE]),
    "properties": (analysis.properties("hard_swish"), ["Lipschitz constant", "1.5", "HardSwish()"]),
    "gain": (analysis.gain("relu"), ["1.4142"]),
    "memory": (analysis.memory_footprint(sp.GELU(), (4, 8)), ["bytes per element"]),
    "units": (analysis.dead_units(np.ones((9, 3)), "relu"), ["0 of 3"]),
    "report": (sp.check_activation("gelu", dtypes=["float16"]), ["GELU(): nothing to object to", "monotone"]),
    "report of a fault": (
        sp.check_activation(np.square, lambda x: 3 * x, name=HOSTILE, dtypes=["float16"]),
        [HOSTILE, "error", "derivative"],
    ),
    "network": (NETWORK, ["Dense(3, 4", "Softmax", "26 parameters, float32", HOSTILE, "SimHash(3, n_bits=6)"]),
    "memory of a network": (NETWORK.memory(batch=2), ["bytes for 2 samples"]),
}


@pytest.mark.parametrize("case", SHOWN)
def test_what_notebooks_show(case):
    shown, words = SHOWN[case]
    parser = parsed(shown)
    text = "".join(parser.texts + parser.tips)
    for word in words:
        assert word in text


@pytest.mark.parametrize("case", SHOWN)
def test_colors_suit_light_and_dark_pages(case):
    """A cell has a text color if its background is opaque; otherwise the text has the color of the page."""
    for _, attributes in parsed(SHOWN[case][0]).elements:
        style = attributes.get("style", "")
        opaque = re.search(r"background: #(\w{6})", style)
        assert bool(opaque) == bool(re.search(r"(?<!-)\bcolor: #", style.partition(";")[2]))
        if opaque:
            contrast(opaque[1], re.search(r"; color: #(\w+)", style)[1])
        elif style:
            alpha = float(re.fullmatch(r"background: rgba\(0, 114, 178, ([0-9.]+)\)", style)[1])
            for page, ink in (("ffffff", "000"), ("111111", "fff")):
                mixed = [round(alpha * a + (1 - alpha) * int(page[:2], 16)) for a in (0, 114, 178)]
                contrast("".join(f"{part:02x}" for part in mixed), ink)


def contrast(background, ink):
    """Check the contrast of the Web Content Accessibility Guidelines for text, level AA."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return np.dot(linear, (0.2126, 0.7152, 0.0722))

    levels = sorted([luminance(background), 0.0 if ink == "000" else 1.0])
    assert (levels[1] + 0.05) / (levels[0] + 0.05) >= 4.5, (background, ink)


def test_a_map_shows_its_cells_and_hits():
    amap = used_map()
    tips = parsed(amap).tips
    hits = amap.hit_counts
    for row in range(8):
        for column in range(8):
            assert any(tip.startswith(f"({row}, {column}): ") and f" {hits[row, column]:,} hits" in tip for tip in tips)
    assert sum(tip.startswith("(0, 0): " + HOSTILE) for tip in tips) == 1
