"""Model cards: the text of a checkpoint's page on the Hub, written from its `config.json`.

The metadata (library, licence, tags, figures as `model-index`) are always written from `config.json`. So is the text,
as long as it holds `MARK`. A card without it was written by a person, and its text is kept.
"""

import shlex

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from ..networks.card_template import MARK, TEMPLATE
from .kind import kind_of

OWN = ("outputs", "samples")  # the rows of metrics that measure the model; the others are for comparison


def command_of(options: dict) -> str:
    """The command line that gives a training's options."""
    words = ["python", "train.py", str(options.get("command", "")), "--dataroot", "DIR"]
    for name, value in options.items():
        if name != "command" and value is not False and value is not None:
            words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return shlex.join(words)


def metadata(base: ModelCardData, config: dict, repo: str) -> ModelCardData:
    """The metadata of all networks of this kind, with the figures of this checkpoint."""
    metrics = config.get("metrics", {})
    data = str(metrics.get("data", "held-out data"))
    own = next((metrics[row] for row in OWN if row in metrics), {})
    results = [
        EvalResult(
            task_type=base.pipeline_tag or "other",
            dataset_type=data,
            dataset_name=data,
            metric_type=name,
            metric_value=value,
        )
        for name, value in own.items()
    ]
    return ModelCardData(**base.to_dict(), model_name=repo, eval_results=results or None)


def model_card(base: ModelCardData, config: dict, repo: str, written: str | None = None) -> ModelCard:
    """The card of a checkpoint.

    Args:
        base: metadata that all networks of its kind have.
        config: its `config.json`.
        repo: `user/name` on the Hub.
        written: the card it has, if any. A person's text and other metadata in it are kept.
    """
    data = metadata(base, config, repo)
    if written is not None and MARK not in written:
        card = ModelCard(written, ignore_metadata_errors=True)
        figures = {key: value for key, value in data.to_dict().items() if key == "model-index"}
        card.data = ModelCardData(**data.to_dict() | card.data.to_dict() | figures)
        return card
    training = config.get("training", {})
    runs = [*reversed(training.get("earlier_runs", [])), training]  # oldest first
    pix2pix = kind_of(config) == "pix2pix"
    return ModelCard.from_template(
        data,
        template_str=TEMPLATE,
        repo=repo,
        option="pix2pix" if pix2pix else "dcgan",
        pipeline="Pix2PixPipeline" if pix2pix else "DigitPipeline",
        paper="1611.07004" if pix2pix else "1511.06434",
        training={
            "commands": "\n".join(command_of(run["options"]) for run in runs if "options" in run),
            "facts": {name: value for name, value in training.items() if not isinstance(value, dict | list)},
        },
        figures={row: values for row, values in config.get("metrics", {}).items() if isinstance(values, dict)},
    )
