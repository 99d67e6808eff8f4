#!/usr/bin/env bash
# The shoes of checkpoints/shoes: the handbags go on with shoes. Training draws new random lines, so the result is a
# similar network, not the same one.
# Usage: recipes/shoes.sh [DATA [OUTPUT]]
#   DATA: where the set is, or is downloaded to: DATA/edges2shoes
set -euo pipefail
data=${1:-data} output=${2:-output} bags=checkpoints/handbags

[ -d "$data/edges2shoes/train" ] || python train.py download edges2shoes --output_dir "$data"
python train.py pix2pix --dataroot "$data/edges2shoes" --max_images 900 --subject recipes/shoes.toml \
    --styles recipes/shoes-styles.json --generator "$bags" --discriminator "$bags/discriminator" \
    --drawn_by_hand --style --smooth 2 --noise_nc 3 --line_width 4 --settle --half --batch_size 4 --lr 1.5e-4 \
    --ema 0.998 --lambda_L1 20 --lambda_tint 20 --lambda_perceptual 2.5 --lambda_projected 1 --seed 1 --epochs 9 \
    --epochs_lr_decay 4 --snapshots 2 --output_dir "$output/shoes"
