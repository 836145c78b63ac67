// Following something that moves with questions about it: one question at a time, the newest state next, thirty a second at most. A
// service that takes longer is asked less often; nothing queues up.
const PACE_MS = 33;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class Follow {
  // work(state): a promise; it is not called again before that is settled
  constructor(work) {
    this.work = work;
    this.waiting = null;
    this.running = false;
  }

  want(state) {
    this.waiting = { state };
    if (!this.running) this.run();
  }

  async run() {
    this.running = true;
    try {
      while (this.waiting) {
        const { state } = this.waiting;
        this.waiting = null;
        const began = performance.now();
        await this.work(state);
        const left = PACE_MS - (performance.now() - began);
        if (left > 0) await pause(left);
      }
    } finally {
      this.running = false;
    }
  }

  stop() { this.waiting = null; }
}
