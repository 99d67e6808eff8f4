#!/usr/bin/env bash
# Shoes with styles and strokes of colour, as the handbags are trained: first lines alone, then styles.
# Usage: recipes/shoes.sh [DATA [OUTPUT]]
#   DATA: where the set is, or is downloaded to: DATA/edges2shoes
set -euo pipefail
data=${1:-data} output=${2:-output}

[ -d "$data/edges2shoes/train" ] || python train.py download edges2shoes --output_dir "$data"
all=(--dataroot "$data/edges2shoes" --max_images 1000 --subject recipes/shoes.toml --drawn_by_hand --style --smooth 2 --line_width 4 --noise_nc 1
    --ngf 32 --ndf 32 --half --batch_size 4 --lambda_tint 30 --lambda_L1 30 --ema 0.998)
python train.py pix2pix "${all[@]}" --lambda_perceptual 8 --lr 2e-4 --epochs 40 --epochs_lr_decay 20 --output_dir "$output/plain"
python train.py pix2pix "${all[@]}" --generator "$output/plain" --discriminator "$output/plain/discriminator" --settle \
    --lambda_perceptual 4 --lambda_projected 1 --lr 1.5e-4 --epochs 12 --epochs_lr_decay 6 --output_dir "$output/shoes"
