"""The networks as the authors' PyTorch code builds them, recursion and all, to compare with.

A shortened rewrite of UnetGenerator and NLayerDiscriminator of
https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix (BSD licence), with its layer names.
"""

import functools

import torch
from torch import nn


def norm_of(norm):
    if norm == "batch":
        return functools.partial(nn.BatchNorm2d, affine=True, track_running_stats=True)
    return functools.partial(nn.InstanceNorm2d, affine=False, track_running_stats=False)


class Block(nn.Module):
    def __init__(self, outer_nc, inner_nc, norm, input_nc=None, submodule=None, outermost=False, dropout=False):
        super().__init__()
        self.outermost = outermost
        bias = norm == "instance"
        input_nc = input_nc or outer_nc
        downconv = nn.Conv2d(input_nc, inner_nc, 4, 2, 1, bias=bias)
        downrelu, uprelu = nn.LeakyReLU(0.2, True), nn.ReLU(True)
        if outermost:
            model = [downconv, submodule, uprelu, nn.ConvTranspose2d(inner_nc * 2, outer_nc, 4, 2, 1), nn.Tanh()]
        elif submodule is None:
            upconv = nn.ConvTranspose2d(inner_nc, outer_nc, 4, 2, 1, bias=bias)
            model = [downrelu, downconv, uprelu, upconv, norm_of(norm)(outer_nc)]
        else:
            upconv = nn.ConvTranspose2d(inner_nc * 2, outer_nc, 4, 2, 1, bias=bias)
            model = [downrelu, downconv, norm_of(norm)(inner_nc), submodule, uprelu, upconv, norm_of(norm)(outer_nc)]
            if dropout:
                model.append(nn.Dropout(0.5))
        self.model = nn.Sequential(*model)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class AuthorsGenerator(nn.Module):
    def __init__(self, input_nc=3, output_nc=3, num_downs=8, ngf=64, norm="batch", dropout=True):
        super().__init__()
        block = Block(ngf * 8, ngf * 8, norm)
        for _ in range(num_downs - 5):
            block = Block(ngf * 8, ngf * 8, norm, submodule=block, dropout=dropout)
        block = Block(ngf * 4, ngf * 8, norm, submodule=block)
        block = Block(ngf * 2, ngf * 4, norm, submodule=block)
        block = Block(ngf, ngf * 2, norm, submodule=block)
        self.model = Block(output_nc, ngf, norm, input_nc=input_nc, submodule=block, outermost=True)

    def forward(self, x):
        return self.model(x)


class AuthorsDiscriminator(nn.Module):
    def __init__(self, input_nc=6, ndf=64, n_layers=3, norm="batch"):
        super().__init__()
        bias = norm == "instance"
        layers = [nn.Conv2d(input_nc, ndf, 4, 2, 1), nn.LeakyReLU(0.2, True)]
        mult = 1
        for n in range(1, n_layers + 1):
            previous, mult = mult, min(2**n, 8)
            conv = nn.Conv2d(ndf * previous, ndf * mult, 4, 2 if n < n_layers else 1, 1, bias=bias)
            layers += [conv, norm_of(norm)(ndf * mult), nn.LeakyReLU(0.2, True)]
        self.model = nn.Sequential(*layers, nn.Conv2d(ndf * mult, 1, 4, 1, 1))

    def forward(self, x):
        return self.model(x)


class AuthorsPixelDiscriminator(nn.Module):
    def __init__(self, input_nc=6, ndf=64, norm="batch"):
        super().__init__()
        bias = norm == "instance"
        self.net = nn.Sequential(
            nn.Conv2d(input_nc, ndf, 1),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf, ndf * 2, 1, bias=bias),
            norm_of(norm)(ndf * 2),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf * 2, 1, 1, bias=bias),
        )

    def forward(self, x):
        return self.net(x)


def with_lived_in_statistics(network: nn.Module) -> nn.Module:
    """Random batch-norm statistics and scales, so that equal outputs mean that all of them were loaded."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, 1, 0.2)
            nn.init.normal_(module.bias, 0, 0.2)
    return network.eval()
