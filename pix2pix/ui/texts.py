"""Every text of the app, in English and Japanese; the visitor's browser chooses.

The texts are in `texts/*.json`, one file for each tab: {"key": {"en": "...", "ja": "..."}}. There are three ways to use
them:

- `t("key")` for anything Gradio renders (labels, buttons, Markdown): translated by Gradio in the browser;
- `texts.js` for the page's scripts: `t("key")`, and `localise(element)`, which fills in `data-t="key"`;
- `say("key", request, name=value)` for sentences the server makes, such as errors.
"""

import json
from pathlib import Path

import gradio as gr

LANGUAGES = ("en", "ja")
OF_THE_BROWSER = "(navigator.language.toLowerCase().startsWith('ja') ? 'ja' : 'en')"  # one of them, in JavaScript


def _read() -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for path in sorted((Path(__file__).parent / "texts").glob("*.json")):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged


TEXTS = _read()

# For `launch(i18n=...)`.
i18n = gr.I18n(**{lang: {key: text[lang] for key, text in TEXTS.items()} for lang in LANGUAGES})


def t(key: str):
    """The text `key` as an object that Gradio shows in the browser's language."""
    if key not in TEXTS:
        raise KeyError(f"no text {key!r} in pix2pix/ui/texts/*.json")
    return i18n(key)


def language(request: gr.Request | None) -> str:
    """'ja' if that is the first language the browser asks for, else 'en'."""
    wanted = (request.headers.get("accept-language") or "") if request else ""
    return "ja" if wanted.lower().startswith("ja") else "en"


def say(key: str, request: gr.Request | None = None, **values) -> str:
    """The text `key` in the language of the request, its {names} filled in."""
    return TEXTS[key][language(request)].format(**values)
