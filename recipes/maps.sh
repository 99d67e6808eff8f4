#!/usr/bin/env bash
# Cities drawn as maps: aerial photos from the paper's maps set, whose maps are the right halves.
# Usage: recipes/maps.sh [DATA [OUTPUT]]
#   DATA: where the set is, or is downloaded to: DATA/maps
set -euo pipefail
data=${1:-data} output=${2:-output}

[ -d "$data/maps/train" ] || python train.py download maps --output_dir "$data"
python train.py pix2pix --dataroot "$data/maps" --direction BtoA --subject recipes/maps.toml --smooth 2 --noise_nc 1 \
    --ema 0.999 --epochs 200 --epochs_lr_decay 100 --half --output_dir "$output/maps"
