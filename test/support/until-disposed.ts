/** Says when work in the background is over: at the end of the test that began it, however that ends. */
export interface Flag extends Disposable {
  readonly isOver: boolean;
  end(): void;
}

export function untilDisposed(): Flag {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  return {
    get isOver() {
      return isOver;
    },
    end,
    [Symbol.dispose]: end,
  };
}
