//! Ready replies in Kazakh and Uzbek, in the order of the kinds of `templates`.

use super::templates::{COUNT, Text};

#[rustfmt::skip]
pub(super) static KAZAKH: [Text; COUNT] = [
    ("Сәлемдесу", "Сәлеметсіз бе, {{ customer_name }}! Менің атым {{ operator_name }}, қандай көмек керек?"),
    ("Тапсырыс кешікті", "{{ customer_name }}, күткеніңіз үшін кешірім сұраймыз. № {{ order_number }} тапсырыс жолда, {{ waiting_time }} ішінде жеткіземіз. Өзім қадағалап отырмын, бірдеңе өзгерсе, жазамын."),
    ("Тапсырыс қайда", "№ {{ order_number }} тапсырыс дайын, сізге қарай шықты. Курьер {{ due_time }} келеді."),
    ("Тапсырыс жеткізілмеді", "{{ customer_name }}, № {{ order_number }} тапсырыс сізге жетпегені өкінішті. Не болғанын курьерден анықтап жатырмын, {{ waiting_time }} ішінде жауап беремін."),
    ("Бір нәрсе жетіспейді", "{{ customer_name }}, «{{ dish }}» салынбай қалғаны үшін кешіріңіз. {{ waiting_time }} ішінде әкеліп бере аламыз немесе {{ sum }} қайтарамыз. Қайсысы ыңғайлы?"),
    ("Басқа тағам келді", "Бұл біздің қателік: «{{ dish }}» орнына басқа тағам келіпті. Қайта дайындап, {{ due_time }} жеткіземіз, ақы төлеудің қажеті жоқ."),
    ("Тағам сапасы", "{{ customer_name }}, айтқаныңызға рақмет. Мұндай болмауы керек еді. «{{ dish }}» туралы ескертуіңізді аспазға жеткіздім, ол үшін {{ sum }} қайтарамын."),
    ("Денсаулыққа қауіп", "{{ customer_name }}, бұл өте маңызды. «{{ dish }}» тағамын енді жемеңізші. Өзіңізді қалай сезініп тұрсыз, дәрігер керек пе? Басшыға хабарладым, сізбен байланыста боламыз."),
    ("Қызметкердің әрекеті", "{{ customer_name }}, қызметкеріміздің әрекеті үшін кешірім сұраймын. № {{ order_number }} тапсырыс бойынша анықтап, не істегенімізді хабарлаймыз."),
    ("Ақша қайтару", "№ {{ order_number }} тапсырыс үшін {{ sum }} қайтаруды рәсімдедім. Ақша банкіңіз белгілеген мерзімде картаға түседі."),
    ("Промокод пен бонус", "{{ customer_name }}, тексердім: сізге {{ sum }} бонус қостым, келесі тапсырысты сонымен төлей аласыз."),
    ("Тапсырысты қайталау", "{{ customer_name }}, алдыңғы тапсырысты қайталайық па: {{ last_order }}? {{ due_time }} жеткіземіз, сомасы {{ sum }}."),
    ("Тапсырысты өзгерту", "№ {{ order_number }} тапсырысқа өзгеріс енгіздім. Енді сомасы {{ sum }}, {{ due_time }} жеткіземіз."),
    ("Құрамы мен аллергендер", "«{{ dish }}» құрамындағы әр өнімді тексеремін. Неге аллергияңыз бар екенін айтыңызшы, асханаға бөлек белгімен жеткіземін."),
    ("Пікір үшін рақмет", "{{ customer_name }}, жылы лебізіңізге рақмет! Ұжымға жеткіземін. Ас болсын!"),
];

#[rustfmt::skip]
pub(super) static UZBEK: [Text; COUNT] = [
    ("Salomlashish", "Assalomu alaykum, {{ customer_name }}! Ismim {{ operator_name }}, qanday yordam beray?"),
    ("Buyurtma kechikdi", "{{ customer_name }}, kutganingiz uchun uzr. {{ order_number }}-raqamli buyurtma yoʻlda, {{ waiting_time }} ichida yetib boradi. Oʻzim kuzatib turibman, biror narsa oʻzgarsa, yozaman."),
    ("Buyurtma qayerda", "{{ order_number }}-raqamli buyurtma tayyor va sizga yoʻl oldi. Kuryer {{ due_time }} yetib boradi."),
    ("Buyurtma yetib kelmadi", "{{ customer_name }}, {{ order_number }}-raqamli buyurtma sizga yetib bormagani uchun juda afsusdaman. Nima boʻlganini kuryerdan aniqlayapman, {{ waiting_time }} ichida javob beraman."),
    ("Nimadir yetishmayapti", "{{ customer_name }}, «{{ dish }}» solinmay qolgani uchun uzr. {{ waiting_time }} ichida olib kelamiz yoki {{ sum }} qaytaramiz. Qaysi biri qulay?"),
    ("Boshqa taom keldi", "Bu bizning xatomiz: «{{ dish }}» oʻrniga boshqa taom borgan. Qaytadan tayyorlab, {{ due_time }} yetkazamiz, toʻlash shart emas."),
    ("Taom sifati", "{{ customer_name }}, aytganingiz uchun rahmat. Bunday boʻlmasligi kerak edi. «{{ dish }}» haqidagi fikringizni oshpazga yetkazdim, u uchun {{ sum }} qaytaraman."),
    ("Sogʻliqqa xavf", "{{ customer_name }}, bu juda jiddiy. Iltimos, «{{ dish }}» taomini boshqa yemang. Oʻzingizni qanday his qilyapsiz, shifokor kerakmi? Rahbarga xabar berdim, siz bilan aloqada boʻlamiz."),
    ("Xodimning muomalasi", "{{ customer_name }}, xodimimizning muomalasi uchun uzr soʻrayman. {{ order_number }}-raqamli buyurtmani oʻrganib chiqib, nima qilganimizni sizga aytamiz."),
    ("Pulni qaytarish", "{{ order_number }}-raqamli buyurtma uchun {{ sum }} qaytarishni rasmiylashtirdim. Pul bankingiz belgilagan muddatda kartaga tushadi."),
    ("Promokod va bonuslar", "{{ customer_name }}, tekshirdim: sizga {{ sum }} bonus qoʻshdim, keyingi buyurtmani shu bilan toʻlasangiz boʻladi."),
    ("Buyurtmani takrorlash", "{{ customer_name }}, oxirgi buyurtmangizni takrorlaymizmi: {{ last_order }}? {{ due_time }} yetkazamiz, summasi {{ sum }}."),
    ("Buyurtmani oʻzgartirish", "{{ order_number }}-raqamli buyurtmaga oʻzgartirish kiritdim. Endi summasi {{ sum }}, {{ due_time }} yetkazamiz."),
    ("Tarkibi va allergenlar", "«{{ dish }}» tarkibidagi har bir masalliqni tekshiraman. Nimaga allergiyangiz borligini ayting, oshxonaga alohida belgi bilan yetkazaman."),
    ("Fikringiz uchun rahmat", "{{ customer_name }}, iliq soʻzlaringiz uchun rahmat! Jamoaga yetkazaman. Yoqimli ishtaha!"),
];
