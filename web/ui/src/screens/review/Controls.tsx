import {
  ChevronLeft,
  ChevronRight,
  ChevronsRight,
  FastForward,
  ImageDown,
  Keyboard,
  Pause,
  Play,
  Repeat,
  Rewind,
  SkipBack,
  SkipForward,
  StepBack,
  Volume2,
  VolumeX,
} from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { clockMs, day } from '../../i18n/format';
import { RATES, usePlayhead, type Playhead } from './playhead';
import { messages } from './text';

/** What can be done with the moment; keys and buttons share it. */
export interface Transport {
  play: () => void;
  backward: () => void;
  jump: (seconds: number) => void;
  frame: (by: 1 | -1) => void;
  setRate: (rate: number) => void;
  nextRecording: () => void;
  previousRecording: () => void;
  newest: () => void;
  toggleLoop: () => void;
  toggleSound: () => void;
  snapshot: () => void;
  help: () => void;
}

interface Props {
  playhead: Playhead;
  act: Transport;
  /** Whether there is a camera to play. */
  some: boolean;
  canLoop: boolean;
  sound: boolean;
  hasSound: boolean;
}

export function Controls({ playhead, act, some, canLoop, sound, hasSound }: Props) {
  const t = messages.use();
  const head = usePlayhead(playhead);
  const backward = head.playing && head.rate < 0;
  return (
    <div className="rv-controls">
      <Button label={t('review.previous_recording')} keyName="P" onClick={act.previousRecording} disabled={!some}>
        <SkipBack size={18} aria-hidden />
      </Button>
      <Button label={t('review.back')} keyName="←" onClick={() => act.jump(-5)} disabled={!some}>
        <Rewind size={18} aria-hidden />
      </Button>
      <Button label={t('review.frame_back')} keyName="," onClick={() => act.frame(-1)} disabled={!some} testId="frame-back">
        <ChevronLeft size={18} aria-hidden />
      </Button>
      <Button label={t('review.backward')} keyName="B" pressed={backward} onClick={act.backward} disabled={!some} testId="review-backward">
        <StepBack size={18} aria-hidden />
      </Button>
      <Button label={t(head.playing ? 'review.pause' : 'review.play')} keyName="␣" primary onClick={act.play} disabled={!some} testId="review-play">
        {head.playing ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
      </Button>
      <Button label={t('review.frame_forward')} keyName="." onClick={() => act.frame(1)} disabled={!some} testId="frame-forward">
        <ChevronRight size={18} aria-hidden />
      </Button>
      <Button label={t('review.forward')} keyName="→" onClick={() => act.jump(5)} disabled={!some}>
        <FastForward size={18} aria-hidden />
      </Button>
      <Button label={t('review.next_recording')} keyName="N" onClick={act.nextRecording} disabled={!some}>
        <SkipForward size={18} aria-hidden />
      </Button>
      <Moment playhead={playhead} />
      <select
        className="input rv-rate"
        aria-label={t('review.rate')}
        title={t('review.rate_title')}
        value={head.rate}
        onChange={(event) => {
          act.setRate(Number(event.target.value));
          event.target.blur();
        }}
        data-testid="review-rate"
      >
        {RATES.map((rate) => (
          <option key={rate} value={rate}>
            {rate < 0 ? `◀ ${-rate}×` : `${rate === 0.25 ? '¼' : rate === 0.5 ? '½' : rate}×`}
          </option>
        ))}
      </select>
      <span className="rv-spread" />
      <Button label={t('review.loop')} keyName="O" pressed={head.loop !== null} onClick={act.toggleLoop} disabled={!some || !canLoop}>
        <Repeat size={18} aria-hidden />
      </Button>
      <Button
        label={t(!hasSound ? 'review.no_sound' : sound ? 'review.sound_off' : 'review.sound_on')}
        keyName="M"
        pressed={sound}
        onClick={act.toggleSound}
        disabled={!some || !hasSound}
      >
        {sound ? <Volume2 size={18} aria-hidden /> : <VolumeX size={18} aria-hidden />}
      </Button>
      <Button label={t('review.save_frame')} keyName="S" onClick={act.snapshot} disabled={!some} testId="save-picture">
        <ImageDown size={18} aria-hidden />
      </Button>
      <button type="button" className="button" title={`${t('review.live_end')} (End)`} aria-label={t('review.live_end')} onClick={act.newest} disabled={!some}>
        <ChevronsRight size={18} aria-hidden />
        <span className="rv-newest">{t('review.live_end')}</span>
      </button>
      <Button label={t('review.keys')} keyName="?" onClick={act.help}>
        <Keyboard size={18} aria-hidden />
      </Button>
    </div>
  );
}

interface ButtonProps {
  label: string;
  keyName?: string;
  onClick: () => void;
  disabled?: boolean;
  primary?: boolean;
  pressed?: boolean;
  testId?: string;
  children: ReactNode;
}

export function Button({ label, keyName, onClick, disabled, primary, pressed, testId, children }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button icon${primary ? ' primary' : ''}`}
      aria-label={label}
      aria-pressed={pressed}
      title={keyName ? `${label} (${keyName})` : label}
      disabled={disabled}
      onClick={(event) => {
        if (event.detail > 0) event.currentTarget.blur(); // after a click the space bar plays again
        onClick();
      }}
      data-testid={testId}
    >
      {children}
    </button>
  );
}

const TEXT_MS = 60;

function Moment({ playhead }: { playhead: Playhead }) {
  const node = useRef<HTMLTimeElement>(null);
  useEffect(() => {
    const show = () => {
      const now = playhead.now();
      const fine = !playhead.get().playing || Math.abs(playhead.get().rate) < 1;
      const text = `${day(now)} ${fine ? clockMs(now) : clockMs(now).slice(0, 8)}`;
      if (!node.current) return;
      if (node.current.textContent !== text) node.current.textContent = text;
      node.current.dateTime = new Date(now).toISOString();
    };
    show();
    const timer = setInterval(show, TEXT_MS);
    return () => clearInterval(timer);
  }, [playhead]);
  return <time ref={node} className="rv-moment" data-testid="review-moment" />;
}
