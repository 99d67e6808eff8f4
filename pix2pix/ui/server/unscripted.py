"""The text of the page where Gradio's scripts can't run: without JavaScript, or in a frame without an origin.

A frame with `sandbox` but without `allow-same-origin` has the origin "null". There the browser loads modules only if
the server allows this origin, and any page of the web can have it.
"""

import json
from html import escape

from ..texts import LANGUAGES, OF_THE_BROWSER, TEXTS

# Inserted right after the page's <body>.
HTML = f"""
<noscript>{"".join(f'<p lang="{lang}">{escape(TEXTS["no_scripts"][lang])}</p>' for lang in LANGUAGES)}</noscript>
<script>
if (origin === 'null') addEventListener('DOMContentLoaded', () => {{
  const texts = {json.dumps(TEXTS["sandboxed"], ensure_ascii=False)};
  const lang = {OF_THE_BROWSER};
  const make = document.createElement.bind(document);
  document.documentElement.lang = lang;
  document.body.style.padding = '24px';
  document.body.replaceChildren(
    Object.assign(make('p'), {{ textContent: texts[lang] }}),
    Object.assign(make('a'), {{ href: location.href, target: '_blank', textContent: location.href }}),
  );
}});
</script>
"""
