import { type FormEvent, useState } from 'react';
import { toast } from '../../../lib/toast';
import { useUpload } from '../../../lib/use-upload';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import type { ServerFacts } from '../node-map';
import { ArchiveField } from '../register/archive-field';
import { UploadBar } from '../register/upload-bar';
import { updatePath } from './use-update';

/** Updates from another zip file. */
export default function ZipDialog({ server, onClose }: { server: ServerFacts; onClose: () => void }) {
  const { progress, send, cancel } = useUpload();
  const [file, setFile] = useState<File | null>(null);
  const [isMissing, setMissing] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const close = () => {
    cancel();
    onClose();
  };
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(file === null);
    if (file === null || progress !== null) return;
    setError(null);
    const form = new FormData();
    form.append('archive', file);
    try {
      if ((await send<object>(updatePath(server.id), form)) === null) {
        toast.info(t.installation.uploadCancelled);
        return;
      }
      toast.success(t.installation.begun(server.name));
      onClose();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Dialog isOpen onClose={close} title={t.installation.zipTitle} description={t.installation.zipText}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ArchiveField
          file={file}
          onFile={(next) => {
            setFile(next);
            setMissing(false);
          }}
          error={isMissing ? t.register.noArchive : undefined}
        />
        <FormError text={error} />
        {progress === null ? (
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={close}>{t.ui.cancel}</Button>
            <Button type="submit" kind="main">
              {t.installation.update}
            </Button>
          </div>
        ) : (
          <UploadBar part={progress} onCancel={cancel} />
        )}
      </form>
    </Dialog>
  );
}
