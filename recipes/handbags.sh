#!/usr/bin/env bash
# The handbags of checkpoints/handbags, from the paper's losses to styles. Training draws new random lines, so the result
# is a similar network, not the same one.
# Usage: recipes/handbags.sh PAIRS [OUTPUT]
#   PAIRS: a folder with train/ and val/ of edges2handbags; further folders of pairs may be named in MORE.
set -euo pipefail
pairs=$1 output=${2:-output}
read -r -a more <<<"${MORE:-}"
styled=(--dataroot "$pairs" "${more[@]}" --drawn_by_hand --style --smooth 2 --line_width 4 --settle --half --batch_size 4
    --lambda_tint 30 --lambda_L1 30 --lr 1.5e-4 --ema 0.998)
plain=(--dataroot "$pairs" --max_images 1000 --drawn_by_hand --color_hints --half --batch_size 4)

go_on() { echo --generator "$1" --discriminator "$1/discriminator"; }

# 50,184 images of 1,000 pairs without styles: the model card has how these runs were stopped and changed.
python train.py pix2pix "${plain[@]}" --ngf 32 --ndf 32 --ema 0.999 --epochs 26 --epochs_lr_decay 10 --output_dir "$output/1"
python train.py pix2pix "${plain[@]}" $(go_on "$output/1") --settle --lr 3e-5 --lambda_L1 1000 --ema 0.99 \
    --epochs 3 --epochs_lr_decay 3 --output_dir "$output/2"
python train.py pix2pix "${plain[@]}" $(go_on "$output/2") --settle --line_width 4 --lambda_perceptual 10 --lambda_L1 30 \
    --lr 7e-5 --ema 0.998 --epochs 14 --epochs_lr_decay 6 --output_dir "$output/3"
python train.py pix2pix "${plain[@]}" $(go_on "$output/3") --settle --line_width 4 --lambda_perceptual 10 --lambda_tint 30 \
    --lambda_L1 30 --lr 7e-5 --ema 0.998 --epochs 9 --epochs_lr_decay 5 --seed 1 --output_dir "$output/4"

# 57,164 images with styles. The first four of the shipped runs were stopped (Ctrl-C) after 6,148, 2,504, 4,896 and 24,508
# images.
python train.py pix2pix "${styled[@]}" $(go_on "$output/4") --lambda_perceptual 8 --epochs 1 --output_dir "$output/5"
python train.py pix2pix "${styled[@]}" $(go_on "$output/5") --lambda_perceptual 4 --lambda_projected 1 --epochs 1 --seed 1 \
    --output_dir "$output/6"
python train.py pix2pix "${styled[@]}" $(go_on "$output/6") --lambda_perceptual 4 --lambda_projected 1 --noise_nc 1 \
    --epochs 1 --seed 2 --output_dir "$output/7"
python train.py pix2pix "${styled[@]}" $(go_on "$output/7") --lambda_tint 20 --lambda_L1 20 --lambda_perceptual 2.5 \
    --lambda_projected 1 --noise_nc 3 --epochs 5 --seed 3 --output_dir "$output/8"
handles=(--wide_handles --lambda_L1 15 --noise_nc 3 --lr 1e-4 --styles recipes/handbags-styles.json)
python train.py pix2pix "${styled[@]}" $(go_on "$output/8") "${handles[@]}" --lambda_perceptual 2.5 --lambda_projected 1 \
    --epochs 3 --epochs_lr_decay 2 --seed 8 --output_dir "$output/9"
python train.py pix2pix "${styled[@]}" $(go_on "$output/9") "${handles[@]}" --lambda_perceptual 6 --lambda_projected 0.5 \
    --max_images 4000 --epochs 1 --epochs_lr_decay 1 --seed 115 --output_dir "$output/handbags"

# The student. The shipped one learned 10,072 images of the network in "$output/8", then 4,000 of the last one's in one
# epoch (--wide_handles --max_images 4000 --seed 3).
python -m pix2pix.narrow "$output/handbags" "$output/narrow" --dataroot "$pairs" --ngf 16
python train.py pix2pix --dataroot "$pairs" "${more[@]}" --teacher "$output/handbags" --generator "$output/narrow" --settle \
    --gan_loss none --drawn_by_hand --wide_handles --style --smooth 2 --noise_nc 3 --line_width 4 --half --batch_size 4 \
    --lr 2e-4 --ema 0.998 --lambda_L1 50 --lambda_perceptual 2.5 --lambda_projected 1 --seed 1 \
    --epochs 2 --epochs_lr_decay 2 --output_dir "$output/handbags/student"

# The step to 512 pixels: 15,108 images.
python train.py upscaler --dataroot "$pairs" "${more[@]}" --width 16 --half --lr 4e-4 --epochs 3 \
    --epochs_lr_decay 2 --output_dir "$output/handbags/upscaler"
