"""The text of a model card: what `save_pretrained` writes beside the weights, and what model_card.py fills in."""

MARK = "<!-- Written from config.json; without this line, uploading leaves the words as they are. -->"

TEMPLATE = f"""\
---
{{{{ card_data }}}}
---
{MARK}

# {{{{ repo or "A checkpoint of pix2pix" }}}}
{{% if repo %}}
```bash
python app.py --{{{{ option }}}} {{{{ repo }}}}
```

```python
from pix2pix import {{{{ pipeline }}}}

pipe = {{{{ pipeline }}}}.from_pretrained("{{{{ repo }}}}")
```
{{% endif %}}{{% if training %}}
## Training

{{% if training.commands %}}```bash
{{{{ training.commands }}}}
```

{{% endif %}}{{% for name, value in training.facts.items() %}}- {{{{ name }}}}: {{{{ value }}}}
{{% endfor %}}{{% endif %}}{{% if figures %}}
## Figures
{{% for row, values in figures.items() %}}
- {{{{ row }}}}: {{% for name, value in values.items() %}}{{{{ name }}}} {{{{ value }}}}{{{{ ", " if not loop.last }}}}\
{{% endfor %}}{{% endfor %}}
{{% endif %}}
The options of the network are in `config.json`; paper: https://arxiv.org/abs/{{{{ paper or "1611.07004" }}}}.
"""
