#!/usr/bin/env bash
# The maps of checkpoints/maps: aerial photos from the paper's maps set, whose maps are the right halves. The handbags go on
# with them, without their style: what they know of edges and texture serves here too.
# Usage: recipes/maps.sh [DATA [OUTPUT]]
#   DATA: where the set is, or is downloaded to: DATA/maps
set -euo pipefail
data=${1:-data} output=${2:-output} bags=checkpoints/handbags
cities=(--dataroot "$data/maps" --direction BtoA --subject recipes/maps.toml --smooth 2 --noise_nc 3 --settle --half
    --batch_size 4 --ema 0.998 --lambda_L1 10)

[ -d "$data/maps/train" ] || python train.py download maps --output_dir "$data"
python train.py pix2pix "${cities[@]}" --generator "$bags" --discriminator "$bags/discriminator" --lr 2e-4 \
    --lambda_perceptual 2 --lambda_projected 1 --seed 1 --epochs 8 --output_dir "$output/maps-1"

# The shipped run was planned for four epochs with a falling learning rate, and its first one was used.
python train.py pix2pix "${cities[@]}" --generator "$output/maps-1" --discriminator "$output/maps-1/discriminator" \
    --lr 1e-4 --lambda_perceptual 3 --lambda_projected 0.25 --seed 3 --epochs 1 --output_dir "$output/maps-2"

# Without the PatchGAN, which knows so few photos by heart. (The first 1,304 images of the shipped run had half this rate.)
python train.py pix2pix "${cities[@]}" --generator "$output/maps-2" --gan_loss none --lr 1e-4 --lambda_perceptual 3 \
    --lambda_projected 0.5 --match_tones --seed 3 --epochs 9 --epochs_lr_decay 6 --output_dir "$output/maps-3"

# With little L1, which answers what can't be known with the median, and more of the projected discriminator.
python train.py pix2pix "${cities[@]}" --generator "$output/maps-3" --gan_loss none --lr 1e-4 --lambda_perceptual 3 \
    --lambda_projected 1 --lambda_L1 2 --match_tones --seed 3 --epochs 12 --epochs_lr_decay 6 --output_dir "$output/maps-4"
python train.py pix2pix "${cities[@]}" --generator "$output/maps-4" --gan_loss none --lr 1e-4 --lambda_perceptual 3 \
    --lambda_projected 1 --lambda_L1 1 --match_tones --seed 3 --epochs 10 --epochs_lr_decay 8 --snapshots 8 \
    --output_dir "$output/maps"
