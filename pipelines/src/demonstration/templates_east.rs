//! Ready replies in Kazakh and Uzbek, in the order of the kinds of `templates`.

use super::templates::{COUNT, Text};

#[rustfmt::skip]
pub(super) static KAZAKH: [Text; COUNT] = [
    ("Сәлемдесу", "Сәлеметсіз бе, {{ customer_name }}! Менің атым {{ operator_name }}, қандай көмек керек?"),
    ("Тапсырыс кешікті", "{{ customer_name }}, күткеніңіз үшін кешірім сұраймыз. № {{ order_number }} тапсырыс жолда. Өзім қадағалап отырмын, бірдеңе өзгерсе, жазамын."),
    ("Тапсырыс қайда", "№ {{ order_number }} тапсырыс дайын, сізге қарай шықты. Курьер {{ due_time }} келеді."),
    ("Тапсырыс жеткізілмеді", "{{ customer_name }}, № {{ order_number }} тапсырыс сізге жетпегені өкінішті. Не болғанын курьерден анықтап жатырмын, он бес минут ішінде жауап беремін."),
    ("Бір нәрсе жетіспейді", "{{ customer_name }}, «{{ dish }}» салынбай қалғаны үшін кешіріңіз. Әкеліп бере аламыз немесе құнын қайтарамыз. Қайсысы ыңғайлы?"),
    ("Басқа тағам келді", "Бұл біздің қателік: «{{ dish }}» орнына басқа тағам келіпті. Қайта дайындап жеткіземіз, ақы төлеудің қажеті жоқ."),
    ("Тағам сапасы", "{{ customer_name }}, айтқаныңызға рақмет. Мұндай болмауы керек еді. «{{ dish }}» туралы ескертуіңізді аспазға жеткіземін, құнын қайтарамын."),
    ("Денсаулыққа қауіп", "{{ customer_name }}, бұл өте маңызды. «{{ dish }}» тағамын енді жемеңізші. Өзіңізді қалай сезініп тұрсыз, дәрігер керек пе? Басшыға хабарладым, сізбен байланыста боламыз."),
    ("Қызметкердің әрекеті", "{{ customer_name }}, қызметкеріміздің әрекеті үшін кешірім сұраймын. № {{ order_number }} тапсырыс бойынша анықтап, не істегенімізді хабарлаймыз."),
    ("Ақша қайтару", "№ {{ order_number }} тапсырыс үшін {{ sum }} қайтаруды рәсімдедім. Ақша банкіңіз белгілеген мерзімде картаға түседі."),
    ("Промокод пен бонус", "{{ customer_name }}, № {{ order_number }} тапсырыстың бонустары туралы сұрағыңызды көрдім. Қазір бонус пен промокодты тексеріп, сізге жазамын."),
    ("Тапсырысты қайталау", "{{ customer_name }}, алдыңғы тапсырысты қайталайық па: {{ last_order }}? {{ due_time }} жеткіземіз, сомасы {{ sum }}."),
    ("Тапсырысты өзгерту", "№ {{ order_number }} тапсырысқа өзгеріс енгіздім. Енді сомасы {{ sum }}, {{ due_time }} жеткіземіз."),
    ("Құрамы мен аллергендер", "«{{ dish }}» құрамындағы әр өнімді тексеремін. Неге аллергияңыз бар екенін айтыңызшы, асханаға бөлек белгімен жеткіземін."),
    ("Пікір үшін рақмет", "{{ customer_name }}, жылы лебізіңізге рақмет! Ұжымға жеткіземін. Ас болсын!"),
];

#[rustfmt::skip]
pub(super) static UZBEK: [Text; COUNT] = [
    ("Salomlashish", "Assalomu alaykum, {{ customer_name }}! Ismim {{ operator_name }}, qanday yordam beray?"),
    ("Buyurtma kechikdi", "{{ customer_name }}, kutganingiz uchun uzr. {{ order_number }}-raqamli buyurtma yoʻlda. Oʻzim kuzatib turibman, biror narsa oʻzgarsa, yozaman."),
    ("Buyurtma qayerda", "{{ order_number }}-raqamli buyurtma tayyor va sizga yoʻl oldi. Kuryer {{ due_time }} yetib boradi."),
    ("Buyurtma yetib kelmadi", "{{ customer_name }}, {{ order_number }}-raqamli buyurtma sizga yetib bormagani uchun juda afsusdaman. Nima boʻlganini kuryerdan aniqlayapman, oʻn besh daqiqa ichida javob beraman."),
    ("Nimadir yetishmayapti", "{{ customer_name }}, «{{ dish }}» solinmay qolgani uchun uzr. Olib kelamiz yoki narxini qaytaramiz. Qaysi biri qulay?"),
    ("Boshqa taom keldi", "Bu bizning xatomiz: «{{ dish }}» oʻrniga boshqa taom borgan. Qaytadan tayyorlab yetkazamiz, toʻlash shart emas."),
    ("Taom sifati", "{{ customer_name }}, aytganingiz uchun rahmat. Bunday boʻlmasligi kerak edi. «{{ dish }}» haqidagi fikringizni oshpazga yetkazaman, narxini qaytaraman."),
    ("Sogʻliqqa xavf", "{{ customer_name }}, bu juda jiddiy. Iltimos, «{{ dish }}» taomini boshqa yemang. Oʻzingizni qanday his qilyapsiz, shifokor kerakmi? Rahbarga xabar berdim, siz bilan aloqada boʻlamiz."),
    ("Xodimning muomalasi", "{{ customer_name }}, xodimimizning muomalasi uchun uzr soʻrayman. {{ order_number }}-raqamli buyurtmani oʻrganib chiqib, nima qilganimizni sizga aytamiz."),
    ("Pulni qaytarish", "{{ order_number }}-raqamli buyurtma uchun {{ sum }} qaytarishni rasmiylashtirdim. Pul bankingiz belgilagan muddatda kartaga tushadi."),
    ("Promokod va bonuslar", "{{ customer_name }}, {{ order_number }}-raqamli buyurtma bonuslari haqidagi savolingizni koʻrdim. Hozir bonus va promokodni tekshirib, sizga yozaman."),
    ("Buyurtmani takrorlash", "{{ customer_name }}, oxirgi buyurtmangizni takrorlaymizmi: {{ last_order }}? {{ due_time }} yetkazamiz, summasi {{ sum }}."),
    ("Buyurtmani oʻzgartirish", "{{ order_number }}-raqamli buyurtmaga oʻzgartirish kiritdim. Endi summasi {{ sum }}, {{ due_time }} yetkazamiz."),
    ("Tarkibi va allergenlar", "«{{ dish }}» tarkibidagi har bir masalliqni tekshiraman. Nimaga allergiyangiz borligini ayting, oshxonaga alohida belgi bilan yetkazaman."),
    ("Fikringiz uchun rahmat", "{{ customer_name }}, iliq soʻzlaringiz uchun rahmat! Jamoaga yetkazaman. Yoqimli ishtaha!"),
];
