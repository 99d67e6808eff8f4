#!/usr/bin/env bash
# The digits of checkpoints/digits, and the classifier that judges them. MNIST is downloaded into DATA.
# Usage: recipes/digits.sh [DATA [OUTPUT]]
set -euo pipefail
data=${1:-data} output=${2:-output}

python train.py dcgan --dataroot "$data" --download --n_extra_layers 1 --epochs 32 --output_dir "$output/plain"
python train.py dcgan --dataroot "$data" --n_extra_layers 1 --lambda_class 2 --batch_size 256 --ema 0.998 \
    --generator "$output/plain" --discriminator "$output/plain/discriminator" \
    --epochs 11 --epochs_lr_decay 5 --half --output_dir "$output/digits"
python -m pix2pix.evaluate classifier --dataroot "$data" --output "$output/digit-judge"
python -m pix2pix.evaluate dcgan --dataroot "$data" --checkpoint "$output/digits" --judge "$output/digit-judge"
