export interface Words {
  open: string
  title: string
  hello: string
  close: string
  field: string
  send: string
  attach: string
  log: string
  you: string
  operator: string
  typing: string
  waiting: string
  cut: string
  full: string
  refused: string
  too_large: string
  unread: (count: number) => string
  file: string
  closed: string
}

/** What the chat window says, in the languages of our customers. */
export const WORDS: Record<string, Words> = {
  ru: {
    open: 'Открыть чат с поддержкой', title: 'Поддержка', hello: 'Здравствуйте! Напишите, чем помочь.', close: 'Закрыть чат', field: 'Сообщение', send: 'Отправить', attach: 'Приложить файл', log: 'Переписка с поддержкой', you: 'Вы', operator: 'Оператор', typing: 'Оператор печатает…', waiting: 'отправится, когда будет связь', cut: 'Нет связи. Сообщения сохранятся и уйдут сами.', full: 'Слишком часто. Подождите немного.', refused: 'Не отправлено', too_large: 'Файл слишком большой.', unread: (n) => `Новых сообщений: ${n}`, file: 'Файл', closed: 'Разговор завершён. Напишите, если нужно что-то ещё.',
  },
  kk: {
    open: 'Қолдау чатын ашу', title: 'Қолдау', hello: 'Сәлеметсіз бе! Қалай көмектесейік, жазыңыз.', close: 'Чатты жабу', field: 'Хабарлама', send: 'Жіберу', attach: 'Файл тіркеу', log: 'Қолдаумен хат алмасу', you: 'Сіз', operator: 'Оператор', typing: 'Оператор жазып жатыр…', waiting: 'байланыс болғанда жіберіледі', cut: 'Байланыс жоқ. Хабарламалар сақталып, өзі жіберіледі.', full: 'Тым жиі. Сәл күтіңіз.', refused: 'Жіберілмеді', too_large: 'Файл тым үлкен.', unread: (n) => `Жаңа хабарлама: ${n}`, file: 'Файл', closed: 'Сөйлесу аяқталды. Тағы бірдеңе керек болса, жазыңыз.',
  },
  uz: {
    open: 'Yordam chatini ochish', title: 'Yordam', hello: 'Assalomu alaykum! Qanday yordam kerak, yozing.', close: 'Chatni yopish', field: 'Xabar', send: 'Yuborish', attach: 'Fayl biriktirish', log: 'Yordam bilan yozishma', you: 'Siz', operator: 'Operator', typing: 'Operator yozmoqda…', waiting: 'aloqa tiklangach yuboriladi', cut: 'Aloqa yoʻq. Xabarlar saqlanadi va oʻzi yuboriladi.', full: 'Juda tez-tez. Biroz kuting.', refused: 'Yuborilmadi', too_large: 'Fayl juda katta.', unread: (n) => `Yangi xabarlar: ${n}`, file: 'Fayl', closed: 'Suhbat yakunlandi. Yana biror narsa kerak boʻlsa, yozing.',
  },
  en: {
    open: 'Open the support chat', title: 'Support', hello: 'Hello! Tell us how we can help.', close: 'Close the chat', field: 'Message', send: 'Send', attach: 'Attach a file', log: 'Messages with support', you: 'You', operator: 'Operator', typing: 'The operator is typing…', waiting: 'will be sent when connected', cut: 'No connection. Messages are kept and will be sent by themselves.', full: 'Too often. Wait a little.', refused: 'Not sent', too_large: 'The file is too large.', unread: (n) => `New messages: ${n}`, file: 'File', closed: 'The talk has ended. Write if you need anything else.',
  },
}
