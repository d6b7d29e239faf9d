import { useIntersectionObserver } from '@vueuse/core'
import { ref, type Ref } from 'vue'

/** Whether something is on the screen or not far from it; once it was, it stays so. */
export function useNear(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<boolean>> {
  const near = ref(false)
  const { stop } = useIntersectionObserver(element, (entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return
    near.value = true
    stop()
  }, { rootMargin: '400px' })
  return near
}
