import { createRouter, createWebHistory } from 'vue-router'
import type { Role } from '@/client'
import { useSession } from '@/session/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Who may see the page; without it anybody, signed in or not. */
    roles?: Role[]
    /** Key of the page's title. */
    title?: string
  }
}

const EVERYONE: Role[] = ['operator', 'quality', 'analyst', 'admin']

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('@/session/SignInPage.vue'), meta: { title: 'session.title' } },
    {
      path: '/',
      component: () => import('@/shell/AppShell.vue'),
      children: [
        { path: '', name: 'workspace', component: () => import('@/workspace/WorkspacePage.vue'), meta: { roles: EVERYONE, title: 'workspace.title' } },
        { path: 'talk/:id', name: 'talk', component: () => import('@/workspace/WorkspacePage.vue'), meta: { roles: EVERYONE, title: 'workspace.title' } },
        { path: 'quality/:id?', name: 'quality', component: () => import('@/quality/QualityPage.vue'), meta: { roles: ['quality', 'admin'], title: 'quality.title' } },
        { path: 'trends/given', name: 'given', component: () => import('@/analytics/given/GivenPage.vue'), meta: { roles: ['analyst', 'quality', 'admin'], title: 'given.title' } },
        { path: 'trends/:id?', name: 'trends', component: () => import('@/analytics/TrendsPage.vue'), meta: { roles: ['analyst', 'quality', 'admin'], title: 'trends.title' } },
        {
          path: 'admin',
          component: () => import('@/admin/AdminPage.vue'),
          meta: { roles: ['admin'] },
          redirect: { name: 'admin-operators' },
          children: [
            { path: 'operators', name: 'admin-operators', component: () => import('@/admin/OperatorList.vue'), meta: { roles: ['admin'], title: 'admin.operators' } },
            { path: 'templates', name: 'admin-templates', component: () => import('@/admin/TemplateList.vue'), meta: { roles: ['admin'], title: 'admin.templates' } },
            { path: 'accounts', name: 'admin-accounts', component: () => import('@/admin/AccountList.vue'), meta: { roles: ['admin'], title: 'admin.accounts' } },
            { path: 'audit', name: 'admin-audit', component: () => import('@/admin/AuditList.vue'), meta: { roles: ['admin'], title: 'admin.audit' } },
          ],
        },
      ],
    },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  await session.restore().catch(() => {})
  if (to.name === 'sign-in') return session.me ? '/' : true
  if (!session.me) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { back: to.fullPath } }
  return !to.meta.roles || session.may(...to.meta.roles) ? true : '/'
})
