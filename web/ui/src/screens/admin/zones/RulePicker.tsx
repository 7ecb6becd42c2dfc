import { useText } from '../../../i18n';
import { ruleIcon } from '../../../zones/icons';
import { GROUPS, type Rule } from '../../../zones/rules';
import { messages } from '../../../zones/text';

interface Props {
  rules: readonly Rule[];
  /** On the map only what can be drawn there. */
  onMap: boolean;
  onPick: (rule: Rule) => void;
}

/** All rules by use, each with one line of what it does. */
export function RulePicker({ rules, onMap, onPick }: Props) {
  const t = messages.use();
  const shared = useText();
  return (
    <div className="zn-picker" data-testid="rule-picker">
      <h2>{t('zones.choose')}</h2>
      {GROUPS.map((group) => {
        const own = group.rules.map((name) => rules.find((rule) => rule.rule === name)).filter((rule): rule is Rule => rule !== undefined && (!onMap || rule.on_map));
        if (own.length === 0) return null;
        return (
          <section key={group.name}>
            <h3>{t(`rules.group.${group.name}`)}</h3>
            <ul>
              {own.map((rule) => {
                const Icon = ruleIcon(rule.rule);
                return (
                  <li key={rule.rule}>
                    <button type="button" className="zn-rule" data-testid={`rule-${rule.rule}`} onClick={() => onPick(rule)}>
                      <Icon size={18} aria-hidden />
                      <strong>{shared(`alarm_kind.${rule.rule}`)}</strong>
                      <span className="muted">{t(`rules.does.${rule.rule}`)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
