// A binary heap of numbers by their keys, smallest first. Equal keys come in the order in which a textbook's heap gives
// them, which is scikit-image's too: where two strokes are as near, its watershed and ours choose the same one.
export class Heap {
  constructor() {
    this.keys = [];
    this.values = [];
  }

  get size() {
    return this.keys.length;
  }

  swap(a, b) {
    for (const list of [this.keys, this.values]) [list[a], list[b]] = [list[b], list[a]];
  }

  push(key, value) {
    let i = this.keys.push(key) - 1;
    this.values.push(value);
    for (let parent = (i - 1) >> 1; i && key < this.keys[parent]; i = parent, parent = (i - 1) >> 1)
      this.swap(i, parent);
  }

  // The [key, value] of the smallest key.
  pop() {
    const { keys } = this;
    this.swap(0, keys.length - 1);
    const smallest = [keys.pop(), this.values.pop()];
    for (let i = 0, least = 0; ; i = least) {
      for (const child of [2 * i + 1, 2 * i + 2]) if (keys[child] < keys[least]) least = child;
      if (least === i) return smallest;
      this.swap(i, least);
    }
  }
}
