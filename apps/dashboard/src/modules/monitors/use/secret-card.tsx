import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { CopyButton } from '../../../ui/copy';
import { Card } from '../../../ui/page';
import { useRenewSecret } from '../actions';

interface Props {
  id: number;
  secret: string;
  isShown: boolean;
  onShow: (isShown: boolean) => void;
}

/** The secret that requests are signed with, shown on demand, and renewed. */
export function SecretCard({ id, secret, isShown, onShow }: Props) {
  const [isAsking, setAsking] = useState(false);
  const renew = useRenewSecret(id);
  const { use } = t.monitors;
  return (
    <Card title={use.secret}>
      <p className="text-soft">{use.secretAbout}</p>
      {isShown ? (
        <p className="mt-2 flex max-w-full items-center gap-1">
          <code className="font-mono text-sm wrap-anywhere">{secret}</code>
          <CopyButton text={secret} what={use.secret} />
        </p>
      ) : (
        <p className="mt-2 text-sm text-faint">{use.secretPlace}</p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={isShown ? EyeOff : Eye} onClick={() => onShow(!isShown)}>
          {isShown ? use.hideSecret : use.showSecret}
        </Button>
        <Button icon={RefreshCw} kind="dangerQuiet" onClick={() => setAsking(true)}>
          {use.renew}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={use.renewTitle}
        action={use.renew}
        onConfirm={async () => {
          await renew();
          toast.success(use.renewed);
        }}
      >
        {use.renewText}
      </ConfirmDialog>
    </Card>
  );
}
