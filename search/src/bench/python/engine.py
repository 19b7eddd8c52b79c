"""The networks of `./blockfront bench engine`, in PyTorch: the same sizes, losses and optimiser.

    python engine.py --mixers attention,gmlp --json        # times steps, prints the same JSON
    python engine.py --compare FOLDER                      # trains what `bench engine --losses FOLDER` wrote
    python engine.py --against "./blockfront bench engine" # both in turns, and the ratio of medians

One thread, eager. Needs torch, and numpy for the files.
"""

import argparse
import json
import math
import os
import resource
import shlex
import statistics
import struct
import subprocess
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

MIXERS = ["identity", "attention", "depthwise", "spectral", "token-mlp", "gmlp", "kan"]
PATCH_VALUES = 48
CLASSES = 10
EPSILON = 1e-6
GROUPS = 8
SIZES = [(64, 64, 4, 64), (196, 192, 12, 16)]


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.heads = channels // (64 if channels % 64 == 0 and channels > 64 else 16)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, x):
        batch, tokens, channels = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, channels // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, channels))


class Depthwise(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.side = side
        self.conv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)

    def forward(self, x):
        batch, tokens, channels = x.shape
        grid = x.reshape(batch, self.side, self.side, channels).permute(0, 3, 1, 2)
        return self.conv(grid).permute(0, 2, 3, 1).reshape(batch, tokens, channels)


class Spectral(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.side = side
        self.filter = nn.Parameter(torch.randn(side, side // 2 + 1, channels, 2) * 0.02)

    def forward(self, x):
        batch, tokens, channels = x.shape
        grid = x.reshape(batch, self.side, self.side, channels)
        spectrum = torch.fft.rfft2(grid, dim=(1, 2), norm="ortho")
        filtered = spectrum * torch.view_as_complex(self.filter)
        return torch.fft.irfft2(filtered, s=(self.side, self.side), dim=(1, 2), norm="ortho").reshape(x.shape)


class TokenMlp(nn.Module):
    def __init__(self, tokens):
        super().__init__()
        self.expand = nn.Linear(tokens, tokens)
        self.contract = nn.Linear(tokens, tokens)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x.transpose(1, 2)))).transpose(1, 2)


class Gmlp(nn.Module):
    def __init__(self, channels, tokens):
        super().__init__()
        hidden = 4 * channels
        self.expand = nn.Linear(channels, hidden)
        self.norm = nn.LayerNorm(hidden // 2, eps=EPSILON)
        self.spatial = nn.Linear(tokens, tokens)
        self.contract = nn.Linear(hidden // 2, channels)

    def forward(self, x):
        content, gate = F.gelu(self.expand(x)).chunk(2, dim=-1)
        gate = self.spatial(self.norm(gate).transpose(1, 2)).transpose(1, 2)
        return self.contract(content * gate)


class Mlp(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.expand = nn.Linear(channels, 4 * channels)
        self.contract = nn.Linear(4 * channels, channels)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x)))


class Rational(nn.Module):
    """(a0 + a1 x + ..) / (1 + |b1| |x| + ..), the denominator one for each group of channels."""

    def __init__(self, numerator, denominator):
        super().__init__()
        self.numerator = nn.Parameter(torch.tensor(numerator))
        self.denominator = nn.Parameter(torch.tensor([denominator] * GROUPS))

    def forward(self, x):
        grouped = x.reshape(*x.shape[:-1], GROUPS, -1)
        a = self.numerator
        top = a[-1]
        for power in range(len(a) - 2, -1, -1):
            top = top * grouped + a[power]
        magnitude = grouped.abs()
        b = self.denominator.abs().unsqueeze(-1)
        bottom = b[:, -1] * magnitude
        for power in range(b.shape[1] - 2, -1, -1):
            bottom = (bottom + b[:, power]) * magnitude
        return (top / (1 + bottom)).reshape(x.shape)


class Kan(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.rational1 = Rational([0.0, 1, 0, 0, 0, 0], [0.0] * 4)
        self.expand = nn.Linear(channels, 4 * channels)
        # fitted to SiLU on [-3, 3]
        self.rational2 = Rational(
            [3.05e-7, 0.50000079, 0.24999783, 0.05326628, 0.00580303, 0.0002751961],
            [-4.1e-6, 0.10652899, -1.27e-6, 0.000550233],
        )
        self.contract = nn.Linear(4 * channels, channels)

    def forward(self, x):
        return self.contract(self.rational2(self.expand(self.rational1(x))))


class Block(nn.Module):
    def __init__(self, mixer, tokens, channels):
        super().__init__()
        side = math.isqrt(tokens)
        self.norm1 = nn.LayerNorm(channels, eps=EPSILON)
        if mixer == "kan":
            self.channel = Kan(channels)
            self.mixer = None
        else:
            self.norm2 = nn.LayerNorm(channels, eps=EPSILON)
            self.channel = Mlp(channels)
            self.mixer = {
                "identity": lambda: nn.Identity(),
                "attention": lambda: Attention(channels),
                "depthwise": lambda: Depthwise(channels, side),
                "spectral": lambda: Spectral(channels, side),
                "token-mlp": lambda: TokenMlp(tokens),
                "gmlp": lambda: Gmlp(channels, tokens),
            }[mixer]()

    def forward(self, x):
        if self.mixer is None:
            return x + self.channel(self.norm1(x))
        x = x + self.mixer(self.norm1(x))
        return x + self.channel(self.norm2(x))


class Network(nn.Module):
    def __init__(self, mixer, tokens, channels, depth):
        super().__init__()
        self.stem = nn.Linear(PATCH_VALUES, channels)
        self.blocks = nn.Sequential(*[Block(mixer, tokens, channels) for _ in range(depth)])
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, patches):
        return self.head(self.norm(self.blocks(self.stem(patches))).mean(1))


def adamw(network):
    """Matrices, kernels and filters decay; biases, gains and learnt functions do not."""
    decayed, free = [], []
    for name, parameter in network.named_parameters():
        plain = parameter.dim() >= 2 and not name.endswith(("numerator", "denominator"))
        (decayed if plain else free).append(parameter)
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3)


def step(network, optimiser, patches, labels):
    optimiser.zero_grad()
    loss = F.cross_entropy(network(patches), labels)
    loss.backward()
    optimiser.step()
    return loss.detach()


# ---- weights and batches from files


def safetensors(path):
    """The tensors of a file of float32 numbers, by name."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        numbers = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            array = numpy.frombuffer(numbers[first:last], dtype="<f4").reshape(entry["shape"])
            tensors[name] = torch.from_numpy(array.copy())
    return tensors


def load(network, tensors):
    """Copies weights in; Blockfront's are [in, out], its kernels [height, width, 1, channels]."""

    def of(*names):
        return tensors["weights." + ".".join(names)]

    def linear(module, *scope):
        module.weight.copy_(of(*scope, "weight").t())
        module.bias.copy_(of(*scope, "bias").flatten())

    def across(module, *scope, bias="bias"):  # over tokens: the weight stands on the left
        module.weight.copy_(of(*scope, "weight"))
        module.bias.copy_(of(*scope, bias).flatten())

    def norm(module, *scope):
        module.weight.copy_(of(*scope, "gain"))
        module.bias.copy_(of(*scope, "bias"))

    with torch.no_grad():
        network.stem.weight.copy_(of("stem", "weight").reshape(PATCH_VALUES, -1).t())
        network.stem.bias.copy_(of("stem", "bias"))
        norm(network.norm, "norm")
        linear(network.head, "head")
        for i, block in enumerate(network.blocks):
            at = ("stages.0.blocks", str(i))
            norm(block.norm1, *at, "norm1")
            linear(block.channel.expand, *at, "channel", "expand")
            linear(block.channel.contract, *at, "channel", "contract")
            if isinstance(block.channel, Kan):
                for name in ("rational1", "rational2"):
                    rational = getattr(block.channel, name)
                    rational.numerator.copy_(of(*at, "channel", name, "numerator"))
                    rational.denominator.copy_(of(*at, "channel", name, "denominator"))
                continue
            norm(block.norm2, *at, "norm2")
            mixer = block.mixer
            at = (*at, "mixer")
            if isinstance(mixer, Attention):
                linear(mixer.qkv, *at, "qkv")
                linear(mixer.out, *at, "out")
            elif isinstance(mixer, Depthwise):
                mixer.conv.weight.copy_(of(*at, "weight").permute(3, 2, 0, 1))
                mixer.conv.bias.copy_(of(*at, "bias"))
            elif isinstance(mixer, Spectral):
                mixer.filter.copy_(torch.stack([of(*at, "real"), of(*at, "imaginary")], -1))
            elif isinstance(mixer, TokenMlp):
                across(mixer.expand, *at, "expand")
                across(mixer.contract, *at, "contract")
            elif isinstance(mixer, Gmlp):
                linear(mixer.expand, *at, "expand")
                linear(mixer.contract, *at, "contract")
                norm(mixer.norm, *at, "gate")
                across(mixer.spatial, *at, "gate", bias="bias_2")


def patches_of(images):
    """[batch, height, width, 3] to [batch, tokens, 48], rows of a patch first."""
    batch, height, width, colours = images.shape
    grid = images.reshape(batch, height // 4, 4, width // 4, 4, colours).permute(0, 1, 3, 2, 4, 5)
    return grid.reshape(batch, (height // 4) * (width // 4), PATCH_VALUES)


def off(losses, others):
    """The greatest relative difference."""
    return max(abs(one - other) / abs(other) for one, other in zip(losses, others))


def compare(folder, record, double):
    """Trains from the weights of each file on its batches, and compares losses step by step."""
    recorded = {}
    worst = 0.0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".safetensors"):
            continue
        tensors = safetensors(os.path.join(folder, name))
        mixer = name.removesuffix(".safetensors")
        depth = 1 + max(int(key.split(".")[4]) for key in tensors if key.startswith("weights.stages.0.blocks."))
        patches = patches_of(tensors["images"].flatten(0, 1)).unflatten(0, tensors["images"].shape[:2])
        labels = tensors["labels"].long()

        def losses(number):
            network = Network(mixer, patches.shape[2], tensors["weights.norm.gain"].numel(), depth)
            load(network, tensors)
            network.to(number)
            optimiser = adamw(network)
            return [step(network, optimiser, patches[i].to(number), labels[i]).item() for i in range(len(patches))]

        ours, theirs = tensors["losses"].tolist(), losses(torch.float32)
        worst = max(worst, off(ours, theirs))
        recorded[mixer] = theirs
        line = f"{mixer:10} {len(theirs)} losses, {theirs[0]:.6f} to {theirs[-1]:.6f}, off by at most {off(ours, theirs):.1e}"
        if double:
            exact = losses(torch.float64)
            line += f"; from double precision: {off(ours, exact):.1e}, PyTorch {off(theirs, exact):.1e}"
        print(line, flush=True)
    if record:
        with open(record, "w") as file:
            json.dump(recorded, file, indent=1)
            file.write("\n")
    return worst


# ---- time


class Session:
    """Steps of one network, timed in rounds."""

    def __init__(self, mixer, tokens, channels, depth, batch):
        torch.manual_seed(1)
        self.key = dict(mixer=mixer, tokens=tokens, channels=channels, depth=depth, batch=batch)
        self.network = Network(mixer, tokens, channels, depth)
        self.optimiser = adamw(self.network)
        self.patches = torch.randn(batch, tokens, PATCH_VALUES)
        self.labels = torch.randint(0, CLASSES, (batch,))
        self.millis = []

    def warm_up(self, seconds=1.0):
        began = time.perf_counter()
        done = 0
        while done < 3 or time.perf_counter() - began < seconds:
            step(self.network, self.optimiser, self.patches, self.labels)
            done += 1

    def round(self, seconds=0.5):
        times = []
        began = time.perf_counter()
        while len(times) < 3 or time.perf_counter() - began < seconds:
            start = time.perf_counter()
            step(self.network, self.optimiser, self.patches, self.labels)
            times.append(1000 * (time.perf_counter() - start))
        self.millis += times
        return statistics.median(times)

    def floor(self):
        """Three times the forward multiply-adds of the layers at the rate of a small product."""
        count = 0
        tokens, batch = self.key["tokens"], self.key["batch"]
        for module in self.network.modules():
            if isinstance(module, nn.Linear):
                count += module.weight.numel() * tokens * batch
            elif isinstance(module, nn.Conv2d):
                count += module.weight.numel() * tokens * batch
            elif isinstance(module, Attention):
                count += 2 * tokens * tokens * self.key["channels"] * batch
        a, b = torch.randn(1024, 256), torch.randn(256, 256)
        best = math.inf
        for _ in range(8):
            began = time.perf_counter()
            a @ b
            best = min(best, time.perf_counter() - began)
        return 3000 * count / (1024 * 256 * 256 / best)

    def result(self):
        median = statistics.median(self.millis)
        return self.key | dict(
            threads=1,
            blas="PyTorch " + torch.__version__,
            millisPerStep=median,
            stepsPerSecond=1000 / median,
            # of the process: PyTorch does not count what it allocates
            peakBytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            gemmFloorMillis=self.floor(),
        )


def against(command, mixers, sizes, rounds, as_json):
    """Alternates rounds with another program that answers `--paced` requests."""
    rows = []
    for tokens, channels, depth, batch in sizes:
        for mixer in mixers:
            words = shlex.split(command) + ["--paced", "--mixers", mixer, "--tokens", str(tokens)]
            words += ["--channels", str(channels), "--depth", str(depth), "--batch", str(batch)]
            other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            other.stdout.readline()  # warm
            session = Session(mixer, tokens, channels, depth, batch)
            session.warm_up()
            ours, theirs = [], []
            for _ in range(rounds):
                other.stdin.write("\n")
                other.stdin.flush()
                ours.append(float(other.stdout.readline()))
                theirs.append(session.round())
            other.stdin.close()
            result = json.loads(other.stdout.read())
            other.wait()
            ratio = statistics.median(ours) / statistics.median(theirs)
            row = session.key | dict(
                blas=result["blas"],
                millisPerStep=statistics.median(ours),
                pytorchMillisPerStep=statistics.median(theirs),
                ratio=ratio,
                gemmFloorMillis=result["gemmFloorMillis"],
                peakBytes=result["peakBytes"],
            )
            rows.append(row)
            if not as_json:
                print(
                    f"{mixer:10} ({tokens}, {channels}, {depth}, {batch})  {row['millisPerStep']:8.1f} ms  "
                    f"PyTorch {row['pytorchMillisPerStep']:8.1f} ms  ratio {ratio:.2f}  "
                    f"floor {row['gemmFloorMillis']:6.1f} ms  {row['peakBytes'] / 1e6:6.0f} MB",
                    flush=True,
                )
    if as_json:
        print(json.dumps(rows, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mixers", default=",".join(MIXERS))
    parser.add_argument("--tokens", type=int, help="with the other sizes, instead of the two standard ones")
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--compare", metavar="FOLDER")
    parser.add_argument("--record", metavar="FILE", help="with --compare: write the losses")
    parser.add_argument("--double", action="store_true", help="with --compare: train in double precision too")
    parser.add_argument("--against", metavar="COMMAND")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.compare:
        return 0 if compare(options.compare, options.record, options.double) < 1e-4 else 1
    mixers = options.mixers.split(",")
    sizes = SIZES
    if options.tokens:
        sizes = [(options.tokens, options.channels, options.depth, options.batch)]
    if options.against:
        against(options.against, mixers, sizes, options.rounds, options.json)
        return 0
    results = []
    for size in sizes:
        for mixer in mixers:
            session = Session(mixer, *size)
            session.warm_up()
            for _ in range(options.rounds):
                session.round()
            results.append(session.result())
            if not options.json:
                print("{mixer:10} {millisPerStep:8.1f} ms  floor {gemmFloorMillis:6.1f} ms".format(**results[-1]), flush=True)
    if options.json:
        print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
