#!/usr/bin/env bash
# The maps of checkpoints/maps: aerial photos from the paper's maps set, whose maps are the right halves. The handbags go on
# with them, without their style: what they know of edges and texture serves here too.
# Usage: recipes/maps.sh [DATA [OUTPUT]]
#   DATA: where the set is, or is downloaded to: DATA/maps
set -euo pipefail
data=${1:-data} output=${2:-output} bags=checkpoints/handbags

[ -d "$data/maps/train" ] || python train.py download maps --output_dir "$data"
python train.py pix2pix --dataroot "$data/maps" --direction BtoA --subject recipes/maps.toml \
    --generator "$bags" --discriminator "$bags/discriminator" --smooth 2 --noise_nc 3 --settle --half --batch_size 4 \
    --lr 2e-4 --ema 0.998 --lambda_L1 10 --lambda_perceptual 2 --lambda_projected 1 --seed 1 --epochs 8 --snapshots 8 \
    --output_dir "$output/maps"
