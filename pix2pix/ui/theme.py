"""The look of the app: dark ink on warm paper with one accent colour, in light and dark mode. No fonts from other
hosts."""

import re
from pathlib import Path

import gradio
from gradio.themes import Base, Color, LocalFont, sizes

PAPER = Color(
    name="paper",
    c50="#faf9f6",
    c100="#f3f1ec",
    c200="#e6e2da",
    c300="#d2ccc0",
    c400="#a39c8e",
    c500="#736c60",
    c600="#5a544a",
    c700="#3d3933",
    c800="#282521",
    c900="#1c1a17",
    c950="#131210",
)
MADDER = Color(
    name="madder",
    c50="#fdf4f0",
    c100="#fae4da",
    c200="#f4c6b3",
    c300="#eca183",
    c400="#e28460",
    c500="#c9532f",
    c600="#ab3f1f",
    c700="#8b331a",
    c800="#6b2a18",
    c900="#4a1f13",
    c950="#2c120b",
)
SANS = (LocalFont("IBM Plex Sans"), "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic UI", "system-ui", "sans-serif")
MONO = (LocalFont("IBM Plex Mono"), "ui-monospace", "Consolas", "monospace")

VARIABLES = {
    "body_background_fill": "#fffefb",
    "body_background_fill_dark": "*neutral_900",
    "body_text_color": "*neutral_900",
    "body_text_color_dark": "*neutral_100",
    "body_text_color_subdued": "#6b655b",
    "body_text_color_subdued_dark": "*neutral_400",
    "background_fill_primary": "#fffefb",
    "background_fill_primary_dark": "*neutral_900",
    "background_fill_secondary": "*neutral_100",
    "background_fill_secondary_dark": "*neutral_800",
    "border_color_primary": "*neutral_300",
    "border_color_primary_dark": "*neutral_700",
    "color_accent": "*primary_600",
    "block_background_fill": "transparent",
    "block_background_fill_dark": "transparent",
    "block_border_width": "0px",
    "block_padding": "0px",
    "block_shadow": "none",
    "block_label_background_fill": "transparent",
    "block_label_background_fill_dark": "transparent",
    "block_title_text_color": "*body_text_color",
    "block_title_text_weight": "600",
    "block_info_text_color": "*body_text_color_subdued",
    "block_info_text_color_dark": "*body_text_color_subdued",
    "panel_background_fill": "transparent",
    "panel_background_fill_dark": "transparent",
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "*neutral_800",
    "input_border_width": "1px",
    "input_border_color": "*neutral_300",
    "input_border_color_dark": "*neutral_700",
    "input_shadow_focus": "inset 0 0 0 2px *primary_600",
    "input_shadow_focus_dark": "inset 0 0 0 2px *primary_400",
    "slider_color": "*neutral_900",
    "slider_color_dark": "*neutral_200",
    "button_primary_background_fill": "*neutral_900",
    "button_primary_background_fill_hover": "*neutral_700",
    "button_primary_background_fill_dark": "*neutral_100",
    "button_primary_background_fill_hover_dark": "*neutral_300",
    "button_primary_text_color": "*neutral_50",
    "button_primary_text_color_dark": "*neutral_900",
    "button_secondary_background_fill": "*neutral_100",
    "button_secondary_background_fill_hover": "*neutral_200",
    "button_secondary_background_fill_dark": "*neutral_800",
    "button_secondary_background_fill_hover_dark": "*neutral_700",
    "button_secondary_text_color": "*neutral_900",
    "button_secondary_text_color_dark": "*neutral_100",
    "button_primary_border_color": "transparent",
    "button_primary_border_color_hover": "transparent",
    "button_primary_border_color_dark": "transparent",
    "button_primary_border_color_hover_dark": "transparent",
    "button_secondary_border_color": "transparent",
    "button_secondary_border_color_hover": "transparent",
    "button_secondary_border_color_dark": "transparent",
    "button_secondary_border_color_hover_dark": "transparent",
    "button_large_text_size": "*text_md",
    "button_large_text_weight": "600",
    "button_large_padding": "8px 16px",
    "link_text_color": "*primary_600",
    "link_text_color_dark": "*primary_300",
}


def theme() -> Base:
    return Base(
        primary_hue=MADDER,
        secondary_hue=MADDER,
        neutral_hue=PAPER,
        font=SANS,
        font_mono=MONO,
        radius_size=sizes.radius_lg,
    ).set(**VARIABLES)


FONTS = Path(gradio.__file__).parent / "templates" / "frontend" / "static" / "fonts" / "IBMPlexSans"
WEIGHTS = {400: "IBMPlexSans-Regular.woff2", 600: "IBMPlexSans-Bold.woff2"}  # its semi-bold lacks most letters


def variables(dark: bool = False) -> str:
    """The theme's variables as CSS declarations, for a page without Gradio's own style sheet."""

    def value(match: re.Match) -> str:
        hue, _, shade = match[1].partition("_")
        color = {"neutral": PAPER, "primary": MADDER}.get(hue)
        return getattr(color, f"c{shade}") if color and shade.isdigit() else f"var(--{match[1].replace('_', '-')})"

    lines = []
    for name, text in VARIABLES.items():
        if name.endswith("_dark") == dark:
            resolved = re.sub(r"[*](\w+)", value, text)
            lines.append(f"  --{name.removesuffix('_dark').replace('_', '-')}: {resolved};\n")
    return "".join(lines)


# Rules that no theme variable covers, such as the two colours of a pressed tool.
CSS = """
:root { --ink-fill: #1c1a17; --ink-text: #faf9f6; }
.dark { --ink-fill: #f3f1ec; --ink-text: #1c1a17; --color-accent: #eca183; }
.gradio-container { width: 100%; max-width: none !important; }
.form { background: transparent !important; border: 0 !important; gap: 16px !important; }
footer .divider:last-of-type { display: none; }
.masthead { display: flex; align-items: baseline; gap: 0 14px; flex-wrap: wrap; }
.masthead h1 { font-size: 22px; font-weight: 600; letter-spacing: -0.02em; margin: 0; }
.masthead p { margin: 0; color: var(--body-text-color-subdued); word-break: auto-phrase; }
#model { max-width: 480px; margin-inline: 0 auto; }
.notice { border-left: 3px solid var(--color-accent); padding: 6px 12px; background: var(--background-fill-secondary); }
p.notice { margin: 0 0 12px; }
.quiet, .quiet p { color: var(--body-text-color-subdued); font-size: 13px; }
.align-end { align-items: flex-end !important; }
.digits-section + .digits-section {
  margin-top: 16px; padding-top: 24px; border-top: 1px solid var(--border-color-primary);
}
"""

# The page's frame. Not in `CSS`, because there Gradio applies media queries only to elements inside the frame.
FRAME = """
/* As wide as two square panes are high, so that canvas and picture fit the window. */
.gradio-container > .main {
  max-width: clamp(700px, calc(2 * (100dvh - 240px)), 1220px) !important;
  margin: 0 auto; padding: 14px 24px 24px !important; box-sizing: border-box;
}
/* Until the last component on screen has come, Gradio's "Loading..." lies over the page and takes the pen. */
.main:has(.easel[data-ready]) > .wrap.translucent { display: none !important; }
@media (min-height: 501px) {
  .gradio-container:has(.subjects:not([hidden])) > .main {
    max-width: clamp(700px, calc(2 * (100dvh - 304px)), 1220px) !important;
  }
}
@media (max-height: 500px) and (min-width: 541px) { /* a phone on its side */
  .gradio-container > .main { max-width: max(560px, calc(2 * (100dvh - 84px))) !important; padding-top: 0 !important; }
  .masthead { display: none !important; }
}
@media (max-width: 760px) {
  .gradio-container > .main { padding: 8px 16px 20px !important; }
  .masthead p { font-size: 13px; }
}
@media (forced-colors: active) {
  [role="tab"][aria-selected="true"] { box-shadow: none; border-bottom: 3px solid Highlight !important; }
  .gradio-container button.primary, .gradio-container button.secondary { border: 1px solid !important; }
}
@media (min-width: 761px) { /* at the top, Gradio's messages lie over the buttons of the picture */
  .toast-wrap { top: auto !important; bottom: 12px; }
}
"""

# The style sheets of our components, each nested under a selector. They belong to the page, because a `gr.HTML`
# rewrites its `css_template` with every value, which takes the browser 5 ms whenever a stroke ends. No element has the
# id in `#_`: it gives a class the specificity of an id, so that these rules override Gradio's.
PARTS = {
    "#easel": "draw/canvas.css",
    ":is(.inside-panel, #_)": "inside/inside.css",
    ":is(.digits-panel, #_)": "digits/digits.css",
}
HEAD = f"<style>{FRAME}</style>\n" + "\n".join(
    f"<style>{selector} {{\n{(Path(__file__).parent / sheet).read_text(encoding='utf-8')}}}</style>"
    for selector, sheet in PARTS.items()
)
