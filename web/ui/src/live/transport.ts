/** What WHEP and MSE have in common: they fill a video element, say how late it is, and end when told. */
export interface Transport {
  /** How late the picture is inside this player, seconds; the network and the camera come on top. Null: unknown yet. */
  delay_s: () => Promise<number | null>;
  close: () => void;
}

/** Called when a transport that had started can go on no longer. */
export type OnEnd = (reason: unknown) => void;
