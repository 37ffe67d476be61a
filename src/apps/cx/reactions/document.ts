/**
 * What a change of the document does to registrations: S-CSCFs are told, and the state of what is no longer there
 * goes [29.228-6.5.2.1] [29.228-6.1.3.1]. Pure.
 */
import type { DocumentReaction } from '../../../state/document-reactions';
import { changeTriggers, deletionTriggers } from '../outgoing/provisioning-triggers';
import { statusAfter } from '../state/profile-change';
import { registration, registrationOf } from '../state/registration';

export const registrationReaction: DocumentReaction = {
  changed: (change) => {
    const status = registrationOf(change);
    return {
      entries: changeTriggers(change.before, change.after, status),
      head: { module: registration, value: statusAfter(status, change.after) },
    };
  },
  deleted: (deletion) => deletionTriggers(deletion.before, registrationOf(deletion)),
};
