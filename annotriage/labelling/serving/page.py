"""The page that a person finds at the server's address: plain HTML, no script, nothing from elsewhere."""

from html import escape
from typing import TYPE_CHECKING, Any

from annotriage.version import version_text
from annotriage.wording import dice_text, disagreement_text, share_text

if TYPE_CHECKING:
    from annotriage.model_file import ModelCard

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Annotriage server</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}
code, pre {{ font-size: 0.9em }} pre {{ white-space: pre-wrap; padding: 0.7em; border: 1px solid #8886 }}
table {{ border-collapse: collapse }} td {{ padding: 0.2em 1em 0.2em 0; vertical-align: top }}
img {{ max-width: 100% }}
</style>
</head>
<body>
"""
_PAGE = (
    _HEAD
    + """<h1>Annotriage server</h1>
<p>It predicts from a lesion image alone how much people who outline it will disagree. It never diagnoses.</p>
<table>
<tr><td>Model</td><td>{title} (<code>{name}</code> {version})</td></tr>
{whom}<tr><td>Annotriage</td><td>{program}</td></tr>
<tr><td>Intended use</td><td>{use}</td></tr>
<tr><td>Limitations</td><td>{limitations}</td></tr>
</table>
<h2>An image</h2>
<form action="predict?{maps}as=png" method="post" enctype="multipart/form-data">
<p><input type="file" name="image" required> <button>Predict</button></p>
</form>
<p>or from a terminal:</p>
<pre>curl --user NAME:PASSWORD --data-binary @lesion.jpg -H "Content-Type: image/jpeg" {address}predict</pre>
<p><a href="openapi.json">openapi.json</a> says all that can be asked, <a href="metrics">metrics</a> what was.</p>
<h2>Label Studio</h2>
<p>Settings &gt; Model &gt; Connect Model: the name must be <code>{filed}</code>, else the column of scores stays empty;
the address is the one of this page; Basic authentication with the name and password of this server.</p>
</body>
</html>
"""
)
_RESULT = (
    _HEAD
    + """<h1>Predicted Dice {dice}</h1>
{unlike}\
{whom}<p>Disagreement {disagreement}. The Dice lies between {lower:.2f} and {upper:.2f} for about {level} of images
like those that the model was measured on. It says how alike people's outlines will be, nothing about the lesion.</p>
{note}{maps}<p><a href="./">Another image</a></p>
</body>
</html>
"""
)
_WHOM = (
    "<tr><td>Predicted for</td><td>{whom}; for another way of drawing, the address ends in <code>?drawn=WAY</code> "
    "({ways})</td></tr>\n"
)
_MAP = '<h2>{title}</h2>\n<p><img src="data:image/png;base64,{png}" alt="{title}"></p>\n<p>{explained}</p>\n'


def page(card: "ModelCard", model_version: str, address: str, whom: str = "") -> str:
    """Return the page.

    Parameters
    ----------
    card : ModelCard
        Of the model that predicts.
    model_version : str
        What Label Studio files predictions under.
    address : str
        Under which the page was asked for.
    whom : str
        For whom is predicted, in words; empty: the model knows no ways of drawing.
    """
    return _PAGE.format(
        title=escape(card.title),
        name=escape(card.name),
        whom=_WHOM.format(whom=escape(whom), ways=escape(", ".join(way.key for way in card.ways))) if whom else "",
        filed=escape(model_version),
        version=escape(card.version),
        program=escape(version_text()),
        use=escape(card.intended_use),
        limitations=escape(card.limitations),
        maps="".join(f"map={spec.name}&amp;" for spec in card.all_maps),
        address=escape(address),
    )


def result_page(answer: dict[str, Any]) -> str:
    """Return what a person sees who sent an image by the page's form.

    Parameters
    ----------
    answer : dict
        What a program gets, maps as PNG.
    """
    maps = answer.get("maps", {}).values()
    return _RESULT.format(
        dice=dice_text(answer["predicted_dice"]),
        disagreement=disagreement_text(answer["disagreement"]),
        lower=answer["lower"],
        upper=answer["upper"],
        level=share_text(answer["level"]),
        whom=f"<p>Predicted for: {escape(answer['predicted_for'])}</p>\n" if "predicted_for" in answer else "",
        unlike="<p>The image is unlike what the model knows: this must not be trusted.</p>\n"
        if answer.get("unlike")
        else "",
        note=f"<p>{escape(answer['note'])}</p>\n" if answer["note"] else "",
        maps="".join(
            _MAP.format(
                title=escape(each["title"]),
                png=each["png"],
                explained=escape(each["explained"][:1].upper() + each["explained"][1:]),
            )
            for each in maps
            if "png" in each
        ),
    )
