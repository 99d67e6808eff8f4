"""The 'Digits' tab: samples of one class, a written number, one style in every class, and morphs.

Each section is a module with its part of the page, its endpoint for programs, and its checks. All share the queue
"digits", so that four sections use no more of the machine than one.
"""

import gradio as gr

from ...pipelines import DigitPipeline
from ..texts import t
from .morph import morph_section
from .number import number_section
from .parts import paint_when_opened, word_for
from .samples import sample_section
from .styles import style_section


def digits_tab(digits: DigitPipeline, tab: gr.Tab) -> None:
    """Lays out `tab`, the current one, and names it after the classes. Pictures are painted when it is opened."""
    tab.label = t(f"tab_{word_for(digits.class_names)}")
    sections = [section(digits) for section in (sample_section, number_section, style_section, morph_section)]
    paint_when_opened(tab, [section for section in sections if section])
