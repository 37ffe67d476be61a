/** Nodes that send commands of Cx [29.228-6]. A peer whose configuration says nothing may be both. */
export const cxRoles = ['icscf', 'scscf'] as const;
