// Following something that moves with questions about it: one question at a time, the newest state next, and no more than one in a
// frame. A service that takes longer is asked less often; nothing queues up.
const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); });

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
        await this.work(state);
        await frame();
      }
    } finally {
      this.running = false;
    }
  }

  stop() { this.waiting = null; }
}
