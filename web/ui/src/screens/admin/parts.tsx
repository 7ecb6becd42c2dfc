/** Small pieces of the administrators' forms. */
import type { ReactNode } from 'react';

interface FieldProps {
  label: string;
  hint?: string;
  children: ReactNode;
}

export function Field({ label, hint, children }: FieldProps) {
  return (
    <label className="field">
      <span className="label">{label}</span>
      {children}
      {hint && <span className="muted ad-hint">{hint}</span>}
    </label>
  );
}

interface TextProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'password' | 'number';
  required?: boolean;
  disabled?: boolean;
  maxLength?: number;
  pattern?: string;
}

export function TextField({ label, hint, value, onChange, type = 'text', required, disabled, maxLength, pattern }: TextProps) {
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      <input
        className="input"
        type={type}
        step={type === 'number' ? 'any' : undefined}
        autoComplete={type === 'password' ? 'new-password' : 'off'}
        value={value}
        required={required}
        disabled={disabled}
        maxLength={maxLength}
        pattern={pattern}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="ad-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** A number field's text as a number, or null when it is empty. */
export function numberOrNull(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
