"""Times the built-in image model in PyTorch on one thread, and prints the pictures' samples.

Usage: flow.py MODEL JOBS; MODEL is the file of the model, JOBS a JSON file with the steps, the guidance, and for each
picture its noise (a file of 32-bit floats) and its caption: slots with words and a place.
"""

import json
import struct
import sys
import time

import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)
TURNS = torch.tensor([0.35, 0.24, 0.16, 0.11, 0.075, 0.05, 0.035, 0.02], dtype=torch.float64)


def read(name):
    """Sizes and matrices of a model's file, in the form of safetensors."""
    data = open(name, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    body = bytearray(data[8 + length :])
    line = head.pop("__metadata__")["myelin.flow"].split()
    sizes = dict(zip(line[::2], map(int, line[1::2])))
    tensor = lambda at: torch.frombuffer(body[at[0] : at[1]], dtype=torch.bfloat16).float()
    return sizes, {name: tensor(one["data_offsets"]).reshape(one["shape"]) for name, one in head.items()}


def rms(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


class Painter:
    def __init__(self, name):
        self.sizes, self.w = read(name)
        side, patch = self.sizes["side"], self.sizes["patch"]
        self.row = side // patch
        self.n = self.row**2
        middles = [at * patch + patch // 2 for at in range(self.row)]
        self.middles = [(middles[at % self.row], middles[at // self.row]) for at in range(self.n)]

    def angles(self, caption):
        """Cosines and sines of each token; half of a head turns by x, half by y."""
        places = self.middles + [slot["at"] for slot in caption]
        places += [None] * (self.n + self.sizes["slots"] - len(places))
        by = lambda place: torch.cat([TURNS * place[0], TURNS * place[1]]) if place else torch.zeros(16).double()
        turn = torch.stack([by(place) for place in places])
        return turn.cos().float(), turn.sin().float()

    def expected(self, states, when, words, cos, sin):
        """The clean pictures that the network expects, for states at one time with one caption each."""
        w, heads = self.w, self.sizes["width"] // 32
        place = when * (len(w["times"]) - 1)
        first = min(int(place), len(w["times"]) - 2)
        moment = torch.lerp(w["times"][first], w["times"][first + 1], place - first)
        x = rms(torch.cat([states @ w["in"] + w["places"], words], dim=1) + moment)
        b, t, d = x.shape
        for layer in range(self.sizes["layers"]):
            part = lambda name: w[f"layers.{layer:02}.{name}"]
            q, k, v = (rms(x) @ part("attention.qkv")).view(b, t, 3, heads, 32).permute(2, 0, 3, 1, 4)

            def turned(y):
                one, other = rms(y).chunk(2, dim=-1)
                return torch.cat([one * cos - other * sin, one * sin + other * cos], dim=-1)

            mixed = torch.nn.functional.scaled_dot_product_attention(turned(q), turned(k), v, scale=0.25)
            x = x + mixed.transpose(1, 2).reshape(b, t, d) @ part("attention.out")
            x = x + torch.relu(rms(x) @ part("mlp.up")).square() @ part("mlp.down")
        return rms(x)[:, : self.n] @ w["out"]

    def paint(self, noise, caption, steps, guidance):
        words = torch.zeros(2, self.sizes["slots"], self.sizes["width"])
        for at, slot in enumerate(caption):
            words[0, at] = self.w["words"][slot["words"]].sum(0)
        with_caption, without = self.angles(caption), self.angles([])
        cos, sin = (torch.stack(both)[:, None] for both in zip(with_caption, without))
        state = noise
        for step in range(steps):
            clean = self.expected(state.expand(2, -1, -1), step / steps, words, cos, sin)
            clean = guidance * clean[0] + (1 - guidance) * clean[1]
            state = torch.lerp(state, clean, 1 / (steps - step))
        levels = ((state + 1) * 127.5 + 0.5).clamp(0, 255).to(torch.uint8)
        side, patch = self.sizes["side"], self.sizes["patch"]
        return levels.view(self.row, self.row, patch, patch, 3).transpose(1, 2).reshape(-1)


painter = Painter(sys.argv[1])
jobs = json.load(open(sys.argv[2]))
pictures = []
for job in jobs["pictures"]:
    noise = torch.frombuffer(bytearray(open(job["noise"], "rb").read()), dtype=torch.float32).view(painter.n, -1)
    pictures.append((noise, job["caption"]))
painter.paint(*pictures[0], jobs["steps"], jobs["guidance"])
started = time.perf_counter()
painted = [painter.paint(*picture, jobs["steps"], jobs["guidance"]) for picture in pictures]
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "samples": [one.tolist() for one in painted]}))
